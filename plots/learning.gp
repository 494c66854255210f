# learning.gp DATA OUT [TITLE] - loss against epoch; the dashed line is the least that this length can reach, if it is known.
# DATA: columns epoch, loss; one block per run; a line "# layer: ndim=1 stride=2 fs=0 what=learning names=sgd,adam" names them
wide = 700; high = 450
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("learning.gp")]."common.gp" }
stats data using 1 nooutput
count = STATS_blocks; last = STATS_max
stats data using 2 nooutput
least = STATS_min; most = STATS_max
if (least > 0 && most / least > 10) { set logscale y; set yrange [least / 1.5:most * 1.5]; set format y "%g" } \
else { span = most - least > 0 ? most - least : 1; set yrange [least - 0.06*span:most + 0.06*span] }
if (last > 200) { set logscale x; set xrange [1:last]; set xtics autofreq } \
else { set xrange [0:last > 0 ? last : 1]; step = nice(last > 0 ? last : 1); set xtics 0,step }
set xlabel "epoch"; set ylabel "mean squared error"
set bmargin room_for(count)
plot for [i=0:count-1] data index i using 1:2 with lines lt i+1 title (field(names, i+1) ne "" ? field(names, i+1) : sprintf("run %d", i + 1)) noenhanced
