# models.gp DATA OUT [TITLE] - the upsampling layers of a model: one group of bars per layer.
# DATA: columns layer (from 0), geometry index, kernel index, white-input variation, all in dB; a line
# "# layer: ndim=1 stride=1 fs=0 what=models names=up1,up2" names the layers
wide = 900; high = 500
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("models.gp")]."common.gp" }
low = -80
level(x) = x < low ? low : x
stats data using (level($2)) nooutput
count = STATS_records; top = STATS_max
stats data using (level($3)) nooutput
top = STATS_records > 0 && STATS_max > top ? STATS_max : top; top = 10 * ceil((top > 0 ? top : 0) / 10 + 0.1)
set xrange [-0.6:count - 0.4]; set yrange [low:top]
set xtics 1 rotate by (count > 6 ? 35 : 0) right scale 0
if (count <= 6) { set xtics norotate center }
name_of(layer) = field(names, layer + 1) ne "" ? field(names, layer + 1) : sprintf("%d", layer)
set ytics 20
do for [i=1:3] { y = i == 1 ? -60 : i == 2 ? -48 : -20
    set arrow i from graph 0, first y to graph 1, first y nohead lc rgb "#777777" dt (3,3) lw 1 front
    name = i == 1 ? "faint" : i == 2 ? "visible" : "severe"
    set label i name at graph 1.01, first y + 3 left font sized(14) tc rgb "#444444" front }
set rmargin 8; set bmargin (count > 6 ? 8 : room_for(3))
unset grid
set ylabel "level [dB]"
plot data using ($1 - 0.28):(0.5*(level($2) + low)):(0.13):(0.5*(level($2) - low)) with boxxyerror fc rgb blue title "geometry (all ones)", \
     data using 1:(0.5*(level($3) + low)):(0.13):(0.5*(level($3) - low)):xtic(name_of($1)) with boxxyerror fs pattern 4 border rgb vermillion fc rgb vermillion title "kernel", \
     data using ($1 + 0.28):(0.5*(level($4) + low)):(0.13):(0.5*(level($4) - low)) with boxxyerror fs pattern 2 border rgb green fc rgb green title "white input"
