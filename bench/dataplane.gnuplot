# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/dataplane: frames a second against the number of sending VIFs, a line
# a frame size.  The caller sets data, out and caption.

set terminal svg size 760,420 background 'white' font 'sans,13'
set output out
set title 'VIF to VIF on one core' offset 0,-0.3
set xlabel "sending VIFs\n{/*0.8 " . caption . "}"
set ylabel 'million frames a second'
set logscale x 2
set logscale y
set xtics (1, 8, 64, 256)
set xrange [0.8:400]
set grid ytics
set key outside right
plot for [size in '64 256 1500 65536'] data \
     using ($1 == size + 0 ? $2 : NaN):3:4:5 with yerrorlines lw 2 pt 7 \
     title size . ' bytes'
