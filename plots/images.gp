# images.gp DATA OUT [TITLE] - the gain of the signal and of its images over the input band.
# DATA: polyphase-response FILE -s S --what images > DATA         columns v, gain, dB, dB against the signal; one block per image
wide = 700; high = 500
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("images.gp")]."common.gp" }
unit_in = fs > 0 ? fs / s : 1.0
shown = S > 8 ? 8 : S
low = 0; top = 0
do for [m=0:S-1] {
    stats data index m using (db($2 / S)) nooutput
    low = STATS_lo_quartile < low ? STATS_lo_quartile : low; top = STATS_max > top ? STATS_max : top
}
low = 20 * floor(low / 20) - 20; low = low < lowest ? lowest : low > -40 ? -40 : low
set xrange [0:unit_in/2]; set yrange [low:top + 0.14 * (top - low)]
step = nice(unit_in/2.0); set xtics step; set ytics 20
set bmargin room_for(shown)
set object rectangle from first 0, graph 0 to first edge*unit_in/2, graph 1 behind fc rgb "#F5F5F5" fs solid noborder
set label "0.8 of the band" at first edge*unit_in/2, graph 0.95 right offset -0.6,0 font sized(14) tc rgb "#444444" front
set xlabel label_in; set ylabel "gain vs ideal [dB]"
plot for [m=0:shown-1] data index m using 1:(db($2 / S)) with lines lt m+1 lw (m == 0 ? 3 : 2.2) \
     title (m == 0 ? "signal" : m == 7 && S > 8 ? sprintf("image 7 (%d more)", S - 8) : sprintf("image %d", m))
