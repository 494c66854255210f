# compare.gp DATA OUT [TITLE] - |H| of a kernel beside those of references, in dB.
# DATA: columns f, |H|; one block per kernel, and a line "# layer: ndim=1 stride=2 fs=0 what=compare names=kernel,linear,sinc"
wide = 700; high = 500
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("compare.gp")]."common.gp" }
stats data using 2 nooutput
count = STATS_blocks
low = 0; top = 0
do for [i=0:count-1] {
    stats data index i using (db($2 / S)) nooutput
    low = STATS_lo_quartile < low ? STATS_lo_quartile : low; top = STATS_max > top ? STATS_max : top
}
low = 20 * floor(low / 20) - 20; low = low < lowest ? lowest : low > -40 ? -40 : low
band = unit_out / 2 / s
set object rectangle from first 0, graph 0 to first band, graph 1 behind fc rgb "#E3F0F8" fs solid noborder
set object rectangle from first band, graph 0 to graph 1, graph 1 behind fc rgb "#FBEBDD" fs solid noborder
set label "baseband" at first band/2, graph band_label center font sized(14) tc rgb "#444444" front
set label "images" at first (band + unit_out/2)/2, graph band_label center font sized(14) tc rgb "#444444" front
set xrange [0:unit_out/2]; set yrange [low:top + 0.14 * (top - low)]
step = nice(unit_out/2.0); set xtics step; set ytics 20
set xlabel label_out; set ylabel "gain vs ideal [dB]"
set bmargin room_for(count)
plot for [i=0:count-1] data index i using 1:(db($2 / S)) with lines lt i+1 lw (i == 0 ? 3 : 2) \
     title (field(names, i+1) ne "" ? field(names, i+1) : sprintf("kernel %d", i)) noenhanced
