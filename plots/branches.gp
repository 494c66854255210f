# branches.gp DATA OUT [TITLE] - magnitude and delay error of every branch: all-pass and 0 for the ideal interpolator.
# DATA: polyphase-response FILE -s S --what branches > DATA         columns v, |H_q|, delay, delay error; one block per branch
wide = 700; high = 740
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("branches.gp")]."common.gp" }
unit_in = fs > 0 ? fs / s : 1.0
shown = S > 8 ? 8 : S
least = 0; most = 0; slowest = 0; fastest = 0
array some[S]
do for [q=0:S-1] {
    stats data index q using (valid(4) ? 1 : 0) nooutput
    some[q+1] = STATS_sum
    stats data index q using 2 nooutput
    most = STATS_max > most ? STATS_max : most
    before = 0.0
    stats data index q using (kept(4)) nooutput
    if (STATS_records > 0) { slowest = STATS_min < slowest ? STATS_min : slowest; fastest = STATS_max > fastest ? STATS_max : fastest }
}
span = fastest - slowest > 1e-9 ? fastest - slowest : 0.2
set multiplot layout 2,1 title title noenhanced font sized(16); unset title
set xrange [0:unit_in/2]; step = nice(unit_in/2.0); set xtics step
set xlabel ""; set format x ""
set lmargin 9; set bmargin 1
set yrange [0:most > 0 ? 1.12*most : 1]; set ylabel "magnitude |H_q|" noenhanced
set arrow 1 from first 0, first 1 to first unit_in/2, first 1 nohead lc rgb black dt (11,7) lw 1.6 front
plot for [q=0:shown-1] data index q using 1:2 with lines lt q+1 title sprintf("branch %d", q), \
     NaN with lines lc rgb black dt (11,7) lw 1.6 title (S > shown ? sprintf("ideal (%d more)", S - shown) : "ideal")
set format x "%g"; set bmargin room_for(shown + 1); set tmargin 1; unset key
set xlabel label_in
set arrow 1 from first 0, first 0 to first unit_in/2, first 0 nohead lc rgb black dt (11,7) lw 1.6 front
set yrange [slowest - 0.1*span:fastest + 0.1*span]; set ylabel "delay error [samples]"
step = nice(1.2 * span); set ytics step
out = slowest - 10 * span     # a branch without any delay is drawn outside
plot for [q=0:shown-1] data index q using 1:(some[q+1] > 0 ? column(4) : out) with lines lt q+1 notitle
unset multiplot
