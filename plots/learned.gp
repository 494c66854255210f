# learned.gp DATA OUT [TITLE] - a kernel learned from a signal beside the Wiener prediction and the sinc: taps, responses, loss.
# DATA: polyphase-learn SIGNAL -s S -k K --plot learned.dat writes it; blocks 0-2 taps (n from the centre, h), 3-5 responses (f, |H|) of the
# learned kernel, the prediction and the sinc, 6 loss (epoch, mean squared error), 7 the least loss
wide = 1400; high = 1000
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("learned.gp")]."common.gp" }
unset title
set multiplot title title noenhanced font sized(19)
by_hand(text) = drawn_by_hand ? "" : text     # no room for a label beside a panel of characters
array called[3] = ["learned", "Wiener prediction", "sinc"]

# taps
set lmargin at screen 0.085; set rmargin at screen 0.965; set tmargin at screen 0.9; set bmargin at screen 0.575
stats data index 0 using 1 nooutput
records = STATS_records; left = STATS_min; right = STATS_max
least = 0; most = 0
do for [i=0:2] {
    stats data index i using 2 nooutput
    least = STATS_min < least ? STATS_min : least; most = STATS_max > most ? STATS_max : most
}
span = most - least > 0 ? most - least : 1
set title "taps"
set xrange [left - 0.6:right + 0.6]; set yrange [least - 0.1*span:most + 0.12*span]
step = nice(right - left > 5 ? right - left : 5); step = step < 1 ? 1 : step; set xtics step; set ytics autofreq
set xlabel "n [output samples from the centre]"; set ylabel by_hand("h[n]")
set xzeroaxis lw 1 lc rgb "#333333" dt 1
set key inside top right vertical Left reverse samplen 3 opaque
size = records > 200 ? 0.3 : records > 80 ? 0.6 : 1.2
plot data index 2 using 1:2 with linespoints lc rgb black dt (7,5) lw 1.6 pt 2 ps 0.7*size title called[3], \
     data index 0 using 1:2 with impulses lt 1 lw (records > 80 ? 1.5 : 4) dt 1 notitle, \
     data index 0 using 1:2 with points lt 1 ps size title called[1], \
     data index 1 using 1:2 with points lc rgb vermillion pt 4 ps 1.4*size lw 1.6 title called[2]
unset xzeroaxis

# responses
set lmargin at screen 0.085; set rmargin at screen 0.535; set tmargin at screen 0.415; set bmargin at screen 0.105
band = unit_out / 2 / s
set xrange [*:*]; set yrange [*:*]
low = 0; top = 0
do for [i=3:5] {
    stats data index i using (db($2 / S)) nooutput
    low = STATS_lo_quartile < low ? STATS_lo_quartile : low; top = STATS_max > top ? STATS_max : top
}
low = 20 * floor(low / 20) - 20; low = low < lowest ? lowest : low > -40 ? -40 : low
top = top + 0.14 * (top - low)
set title "frequency response against the ideal, in dB"
set object 1 rectangle from first 0, graph 0 to first band, graph 1 behind fc rgb "#E3F0F8" fs solid noborder
set object 2 rectangle from first band, graph 0 to graph 1, graph 1 behind fc rgb "#FBEBDD" fs solid noborder
set label 1 "baseband" at first band/2, graph band_label center font sized(14) tc rgb "#444444" front
set label 2 (s > 1 ? "images" : "") at first (band + unit_out/2)/2, graph band_label center font sized(14) tc rgb "#444444" front
set xrange [0:unit_out/2]; set yrange [low:top]
step = nice(unit_out/2.0); set xtics 0,step; set ytics autofreq 20
set xlabel label_out; set ylabel by_hand("gain vs ideal [dB]")
unset key
plot data index 5 using 1:(db($2 / S)) with lines lc rgb black dt (7,5) lw 1.6, \
     data index 3 using 1:(db($2 / S)) with lines lt 1 lw 3, \
     data index 4 using 1:(db($2 / S)) with lines lc rgb vermillion dt (14,7) lw 1.8
unset object 1; unset object 2; unset label 1; unset label 2

# loss
set lmargin at screen 0.645; set rmargin at screen 0.965
set xrange [*:*]; set yrange [*:*]
stats data index 6 using 1 nooutput
last = STATS_max > 1 ? STATS_max : 1
stats data index 6 using 2 nooutput
least = STATS_min; most = STATS_max
stats data index 7 using 2 nooutput
least = STATS_min < least ? STATS_min : least
set title "mean squared error while learning"
set xlabel last > 1 ? "epoch" : "before, and solved at once"; set ylabel ""
if (last > 20) { set logscale x; set xrange [1:last] } else { set xrange [0:last] }
set xtics autofreq
if (last <= 20) { step = nice(last > 5 ? last : 5); set xtics 0,step }
if (least > 0 && most / least > 10) { set logscale y; set yrange [least / 1.6:most * 1.6]; set format y "%.0e"; set ytics 10 } \
else { span = most - least > 0 ? most - least : 1; set yrange [least - 0.1*span:most + 0.1*span] }
set format x "%g"
set key inside top right vertical Left reverse samplen 3 opaque
plot data index 7 using 1:2 with lines lc rgb black dt (7,5) lw 2 title "least possible", \
     data index 6 using 1:2 with lines lt 1 lw 2.6 title "learned"
unset multiplot
