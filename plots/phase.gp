# phase.gp DATA OUT [TITLE] - phase or group delay.
# DATA: polyphase-response FILE -s S --what phase|group-delay > DATA         columns f, value; one block per axis
wide = 700; high = 430
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("phase.gp")]."common.gp" }
set datafile commentschars ""
is_delay = 0
stats data using (strcol(2) eq "layer:" ? (is_delay = is_delay || strcol(6) eq "what=group-delay", 0) : 0) nooutput
set datafile commentschars "#"
least = 1e300; most = -1e300
array some[ndim]
do for [axis=0:ndim-1] {
    stats data index axis using (valid(2) ? 1 : 0) nooutput
    some[axis+1] = STATS_sum
    before = 0.0
    stats data index axis using (kept(2)) nooutput
    least = STATS_records > 0 && STATS_min < least ? STATS_min : least
    most = STATS_records > 0 && STATS_max > most ? STATS_max : most
}
if (least > most) { least = 0; most = 0 }
margin = most - least > 1e-6 ? 0.06 * (most - least) : 1
set xrange [0:unit_out/2]; set yrange [least - margin:most + margin]
step = nice(unit_out/2.0); set xtics step
set xlabel label_out
set ylabel is_delay ? "delay [output samples]" : "phase [radians]"
if (ndim == 1) { unset key } else { set bmargin room_for(ndim) }
out = least - 10 * margin     # a curve without any value is drawn outside
plot for [axis=0:ndim-1] data index axis using 1:(some[axis+1] > 0 ? column(2) : out) with lines lt axis+1 title sprintf("axis %d", axis)
