# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/stages: nanoseconds of each stage, a stack a case.  The caller sets
# data, out and caption.

set terminal svg size 760,420 background 'white' font 'sans,13'
set output out
set title 'VIF to VIF: where the time goes' offset 0,-0.3
set xlabel "{/*0.8 " . caption . "}"
set ylabel 'ns a burst'
set style data histograms
set style histogram rowstacked
set style fill solid 0.8 border -1
set boxwidth 0.6
set yrange [0:*]
set grid ytics
set key outside right
set datafile separator "\t"
plot data using 2:xtic(1) title 'doorbell', '' using 3 title 'fetch', \
     '' using 4 title 'classify', '' using 5 title 'ring', \
     '' using 6 title 'copy', '' using 7 title 'signal'
