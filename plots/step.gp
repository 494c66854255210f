# step.gp DATA OUT [TITLE] - what a network makes of a flat image: the pattern over two periods, magnified, and the spread over the level.
# DATA: polyphase-step MODEL.onnx --plot writes it; blocks 0 pattern (place.., difference from the mean in levels of 255), 1 greys
# (level, spread in dB of the range), 2 the inputs asked for (mean level, spread; none where names=texture); stride= of the key line is the period
wide = 1400; high = 680
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("step.gp")]."common.gp" }
unset title
set multiplot layout 1,2 title title noenhanced font sized(19) margins 0.085,0.93,0.13,0.84 spacing 0.17,0
by_hand(text) = drawn_by_hand ? "" : text

# the pattern
stats data index 0 using (column(ndim + 1)) nooutput
most = STATS_max > -STATS_min ? STATS_max : -STATS_min
even = most <= 0
scale = even ? 1 : most
shown(p) = 2*p < 96 ? 2*p : 96
p1 = stride_of(0); p2 = ndim == 2 ? stride_of(1) : 1
sized = ndim == 2 ? sprintf("%d x %d", p1, p2) : sprintf("%d", p1)
set title even ? "even: the same everywhere" : drawn_by_hand ? sprintf("pattern, period %s", sized) : sprintf("difference from the mean, in levels of 255; period %s", sized) font sized(15)
unset key
if (ndim == 2) {
    set xrange [-0.5:shown(p2) - 0.5]; set yrange [shown(p1) - 0.5:-0.5]
    set size ratio -1; unset grid; set border 15
    step = p2 > 6 ? nice(2*p2) : 1; set xtics 0,step scale 0; step = p1 > 6 ? nice(2*p1) : 1; set ytics 0,step scale 0
    set xlabel "output sample, axis 1"; set ylabel by_hand("output sample, axis 0")
    set cbrange [-scale:scale]; set palette defined (-1 "#E69F00", -0.5 "#F3D08A", 0 "#FFFFFF", 0.5 "#ABD9F4", 1 "#0072B2")
    set format cb "%+g"
    if (drawn_by_hand) { unset colorbox }
    if (p2 < 48) { set arrow from first p2 - 0.5, graph 0 to first p2 - 0.5, graph 1 nohead lc rgb "#555555" dt (4,4) lw 1 front }
    if (p1 < 48) { set arrow from graph 0, first p1 - 0.5 to graph 1, first p1 - 0.5 nohead lc rgb "#555555" dt (4,4) lw 1 front }
    if (drawn_by_hand) { plot data index 0 using 2:1:(even ? "." : $3 > 0.2*scale ? "#" : $3 < -0.2*scale ? "-" : ".") with labels notitle }
    else { plot data index 0 using 2:1:3 with image pixels notitle, \
                data index 0 using 2:1:(p1 * p2 <= 16 ? (even ? "0" : sprintf("%+.3g", $3)) : "") with labels font sized(13) tc rgb "#222222" notitle }
} else {
    set xrange [-0.6:shown(p1) - 0.4]; set yrange [-1.25*scale:1.25*scale]
    step = p1 > 6 ? nice(2*p1) : 1; set xtics 0,step; set format y "%+g"
    set xlabel "output sample"; unset ylabel
    set xzeroaxis lw 1 lc rgb "#333333" dt 1; set boxwidth 0.7
    if (p1 < 48) { set arrow from first p1 - 0.5, graph 0 to first p1 - 0.5, graph 1 nohead lc rgb "#555555" dt (4,4) lw 1 front }
    plot data index 0 using 1:2 with boxes fc rgb blue notitle
    unset xzeroaxis
}
unset arrow; set size noratio; set format "% h"; set border 3; set grid lw 0.6 lc rgb "#DDDDDD" dt 1

# the spread
set title "peak to peak over the input level" font sized(15)
set xrange [*:*]; set yrange [*:*]
lowest_db = 0; top = -200; from_level = 0.0; to_level = 1.0
asked = names ne "texture"      # a texture has no level
if (asked) {
    stats data index 2 using 1 nooutput
    from_level = STATS_min < 0 ? STATS_min : 0.0; to_level = STATS_max > 1 ? STATS_max : 1.0
    stats data index 2 using 2 nooutput
    lowest_db = STATS_min; top = STATS_max
}
stats data index 1 using 2 nooutput
lowest_db = STATS_min < lowest_db ? STATS_min : lowest_db; top = STATS_max > top ? STATS_max : top
low = 20 * floor(lowest_db / 20); low = low < -100 ? -100 : low > -80 ? -80 : low
top = 20 * ceil((top > 0 ? top : 0) / 20) + 20
set xrange [from_level:to_level]; set yrange [low:top]
step = nice(to_level - from_level); set xtics step scale 0.6; set ytics autofreq 20 scale 0.6
do for [i=1:3] { y = i == 1 ? -60 : i == 2 ? -48 : -20
    set arrow from graph 0, first y to graph 1, first y nohead lc rgb "#777777" dt (3,3) lw 1 back
    set label (i == 1 ? "faint" : i == 2 ? "visible" : "severe") at graph 1.01, first y + 0.015 * (top - low) left font sized(13) tc rgb "#555555" front }
set xlabel "mean of the input"; set ylabel by_hand("peak to peak [dB of the range]")
set key inside top right vertical Left reverse samplen 2 opaque
shown_db(x) = x < low ? low : x
if (asked) { plot data index 1 using 1:(shown_db($2)) with lines lt 1 title "greys", \
                  data index 2 using 1:(shown_db($2)) with points pt 7 ps 1.1 lc rgb vermillion title "inputs asked for" } \
else { plot data index 1 using 1:(shown_db($2)) with lines lt 1 title "flat greys" }
unset multiplot
