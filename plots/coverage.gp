# coverage.gp DATA OUT [TITLE] - how many taps reach each output phase: even, or a checkerboard before any training.
# DATA: polyphase-response FILE -s S --what coverage > DATA         columns phase.., count
wide = 700; high = 440
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("coverage.gp")]."common.gp" }
if (ndim > 2) { print "coverage.gp draws one or two dimensions"; exit status 2 }
stats data using (column(ndim+1)) nooutput
most = STATS_max; mean = STATS_mean; count = STATS_records
if (ndim == 1) {
    # two periods and a half: what it looks like in the output
    array reach[count]
    stats data using (reach[$1+1] = $2, $2) nooutput
    shown = count > 16 ? count : ceil(20.0 / count) * count
    set samples shown
    set xrange [-0.6:shown - 0.4]; set yrange [0:most > 0 ? 1.25*most : 1]
    step = shown > 12 ? nice(shown) : 1; set xtics 0,step scale 0; step = most > 6 ? nice(most) : 1; set ytics 0,step
    unset grid; set grid ytics lw 0.6 lc rgb "#DDDDDD" dt 1
    set boxwidth 0.8
    set xlabel "output sample"; set ylabel "taps reaching it"
    set arrow from graph 0, first mean to graph 1, first mean nohead lc rgb black dt (11,7) lw 1.6 front
    set bmargin room_for(3)
    few = 0; do for [i=1:count] { few = few || reach[i] < mean }
    plot '+' using (floor($0)):(reach[int(floor($0)) % count + 1] < mean ? NaN : reach[int(floor($0)) % count + 1]) with boxes fc rgb blue title (few ? "mean or more" : "all alike"), \
         '+' using (floor($0)):(reach[int(floor($0)) % count + 1] < mean ? reach[int(floor($0)) % count + 1] : NaN) with boxes fs pattern 4 border rgb vermillion fc rgb vermillion title (few ? "fewer" : ""), \
         NaN with lines lc rgb black dt (11,7) lw 1.6 title sprintf("mean %.4g", mean)
}
if (ndim == 2) {
    s1 = stride_of(0); s2 = stride_of(1)
    set xrange [-0.5:s2-0.5]; set yrange [s1-0.5:-0.5]; set size ratio -1; set border 15
    set xtics 1 scale 0; set ytics 1 scale 0; unset grid; unset key
    set xlabel "phase along axis 1"; set ylabel "phase along axis 0"
    set cbrange [0:most]; set cblabel "taps" offset 1,0; set palette defined (0 "#FFFFFF", 1 "#56B4E9")
    plot data using 2:1:3 with image pixels notitle, data using 2:1:(s1 * s2 <= 144 ? sprintf("%d", $3) : "") with labels font sized(s1 <= 6 && s2 <= 6 ? 17 : 13) tc rgb "#111111" notitle
}
