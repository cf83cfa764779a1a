# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/xen: one quantity over the number of guests, HV-NIC and SV-NIC, the
# spread of the rounds as bars.  Called with
#   -e "hv='FILE'; sv='FILE'; out='SVG'; what='AXIS'; shown='COMMAND'"
# The files' lines: guests, median, least and most.

set terminal svg size 640,400 font 'sans,12' background 'white'
set output out
set grid ytics
set logscale x 2
set xrange [1.7:19]
set xtics (2, 4, 8, 16)
set yrange [0:*]
set key outside top center horizontal
set xlabel sprintf("guests        (%s)", shown)
set ylabel what
plot hv using 1:2:3:4 with yerrorlines title 'HV-NIC' lw 2 pt 7 lc rgb '#ee6677', \
     sv using 1:2:3:4 with yerrorlines title 'SV-NIC' lw 2 pt 5 lc rgb '#4477aa'
