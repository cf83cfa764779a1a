# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/pair: one plot of three quantities' worth of bars, a panel for every
# number of vCPUs.  Called with
#   -e "data='FILE'; out='SVG'; what='AXIS'; a='NAME'; b='NAME'; panels='1 2'"
# FILE's lines: vcpus peer, then median, least and most of a and of b.

set terminal svg size 900,360 font 'sans,12' background 'white'
set output out
set multiplot layout 1,words(panels)
set style data histograms
set style histogram errorbars gap 1 lw 1
set style fill solid 0.8 border -1
set boxwidth 0.9
set grid ytics
set yrange [0:*]
set xtics rotate by -35 scale 0
set key outside top center horizontal
set ylabel what
do for [n in panels] {
    set title sprintf('%s vCPU%s', n, n eq '1' ? '' : 's')
    plot sprintf("<awk '$1 == %s' %s", n, data) \
             using 3:4:5:xtic(2) title a lc rgb '#4477aa', \
         '' using 6:7:8 title b lc rgb '#ee6677'
}
unset multiplot
