# sheet.gp DATA OUT [TITLE] - the standard sheet of one layer: taps by branch, response, branch gains, images.
# DATA: polyphase-analyze FILE -s S --plot sheet.dat writes it; blocks 0 taps (place.., tap, branch), 1 response along each axis (axis, f,
# |H|), 2 branches (number, DC gain, energy), 3 images (number, dB at DC, worst dB in 0.8 of the band)
wide = 1400; high = 940
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("sheet.gp")]."common.gp" }
unset title
set multiplot layout 2,2 title title noenhanced font sized(19) margins 0.085,0.945,0.085,0.885 spacing 0.115,0.17
by_hand(text) = drawn_by_hand ? "" : text     # no room for a label beside a panel of characters

# taps
set title "taps, coloured by branch"
shown = S > 8 ? 8 : S
set xrange [*:*]; set yrange [*:*]
stats data index 0 using (column(ndim + 1)) nooutput
least = STATS_min < 0 ? STATS_min : 0; most = STATS_max > 0 ? STATS_max : 0; span = most - least > 0 ? most - least : 1
records = STATS_records
if (ndim != 2) {
    set xrange [-0.7:records - 0.3]; set yrange [least - 0.08*span:most + (shown <= 6 ? 0.16 + 0.13 * shown : 0.08) * span]
    step = records > 12 ? nice(records) : 1; set xtics 0,step
    set xlabel ndim == 1 ? "n [output samples]" : "tap, row-major"; set ylabel by_hand("h[n]")
    set xzeroaxis lw 1 lc rgb "#333333" dt 1
    set key inside top right vertical noreverse Right samplen 1 opaque
    size = records > 200 ? 0.3 : records > 60 ? 0.6 : 1.1
    plot data index 0 using 0:(column(ndim + 1)):(int(column(ndim + 2)) % 8 + 1) with impulses lw (records > 60 ? 1.5 : 3) dt 1 lc variable notitle, \
         for [q=0:shown-1] data index 0 using 0:(int(column(ndim + 2)) == q || (S > 8 && int(column(ndim + 2)) % 8 == q) ? column(ndim + 1) : NaN) with points lt q+1 ps size title (shown <= 6 ? sprintf("branch %d", q) : "")
    unset xzeroaxis
} else {
    set xrange [*:*]; set yrange [*:*]
    stats data index 0 using 1 nooutput
    k1 = STATS_max
    stats data index 0 using 2 nooutput
    k2 = STATS_max
    brackets = k1 <= 3 && k2 <= 7          # two lines in a cell; then one; then none
    set title brackets ? "taps, and in brackets their branch" : records <= 64 ? "taps" : sprintf("%d taps, from %.3g to %.3g", records, least, most)
    most = most > -least ? most : -least; most = most > 0 ? most : 1
    set xrange [-0.5:k2+0.5]; set yrange [k1+0.5:-0.5]
    step = k2 > 8 ? nice(k2) : 1; set xtics 0,step scale 0; step = k1 > 8 ? nice(k1) : 1; set ytics 0,step scale 0
    set xlabel "n2 [output samples]"; set ylabel "n1 [output samples]"
    set cbrange [-most:most]; set palette defined (-1 "#E69F00", -0.5 "#F3D08A", 0 "#FFFFFF", 0.5 "#ABD9F4", 1 "#56B4E9")
    unset colorbox; unset grid; unset key
    plot data index 0 using 2:1:3 with image pixels notitle, \
         data index 0 using 2:1:(brackets ? sprintf("%.3g\n(%d)", $3, $4) : records <= 64 ? sprintf("%.2g", $3) : "") with labels font sized(13) tc rgb "#222222" notitle
    set grid
}

# response
set title "frequency response against the ideal, in dB"
band = unit_out / 2 / s
set xrange [*:*]; set yrange [*:*]
stats data index 1 using (db($3 / S)) nooutput
low = 20 * floor(STATS_lo_quartile / 20) - 20; low = low < lowest ? lowest : low > -40 ? -40 : low
top = STATS_max > 0 ? STATS_max : 0; top = top + 0.14 * (top - low)
do for [m=0:s/2] {
    from_f = m == 0 ? 0 : (2*m - 1) * band; to_f = (2*m + 1) * band; to_f = to_f > unit_out/2 ? unit_out/2 : to_f
    set object rectangle from first from_f, graph 0 to first to_f, graph 1 behind fc rgb (m == 0 ? "#E3F0F8" : m % 2 ? "#FBEBDD" : "#F5F5F5") fs solid noborder
    if (s <= 6) { set label (m == 0 ? (s > 4 ? "signal" : "baseband") : sprintf("image %d", m)) at first (from_f+to_f)/2, graph band_label center font sized(14) tc rgb "#444444" front }
}
set arrow from first 0, first 0 to first band, first 0 nohead lc rgb black dt (11,7) lw 1.6 front
set arrow from first band, first 0 to first band, graph 0 nohead lc rgb black dt (11,7) lw 1.6 front
set xrange [0:unit_out/2]; set yrange [low:top]
step = nice(unit_out/2.0); set xtics 0,step scale 0.6; set ytics autofreq 20 scale 0.6
set xlabel label_out; set ylabel by_hand("gain vs ideal [dB]")
set key inside bottom left vertical Left reverse samplen 2.5 opaque
plot for [axis=0:ndim-1] data index 1 using ($1 == axis ? $2 : NaN):(db($3 / S)) with lines lt axis+1 title (ndim == 1 ? "this layer" : sprintf("along axis %d", axis)), \
     NaN with lines lc rgb black dt (11,7) lw 1.6 title "ideal"
unset object; unset label; unset arrow

# branches
set title "branch gains at DC: alike means flat stays flat"
set xrange [*:*]; set yrange [*:*]
stats data index 2 using 2 nooutput
count = STATS_records
least = STATS_min < 0 ? STATS_min : 0; most = STATS_max > 0 ? STATS_max : 0; mean = STATS_mean
stats data index 2 using 3 nooutput
most = STATS_max > most ? STATS_max : most
span = most - least > 0 ? most - least : 1
set xrange [-0.6:count - 0.4]; set yrange [least - (least < 0 ? 0.1*span : 0):most + 0.42*span]
step = count > 12 ? nice(count) : 1; set xtics 0,step scale 0; set ytics autofreq
set xlabel "branch (output phase)"; set ylabel by_hand("gain, energy")
set boxwidth 0.38
set arrow from graph 0, first mean to graph 1, first mean nohead lc rgb black dt (11,7) lw 1.6 front
set key inside top right horizontal Left reverse samplen 2 opaque
plot data index 2 using ($1 - 0.2):2 with boxes fc rgb blue title "DC gain", \
     data index 2 using ($1 + 0.2):3 with boxes fs pattern 4 border rgb orange fc rgb orange title "energy", \
     NaN with lines lc rgb black dt (11,7) lw 1.6 title "mean gain"
unset arrow

# images
set title "spectral images against the signal, in dB"
if (S == 1) {
    set xrange [0:1]; set yrange [0:1]; unset tics; set xlabel " "; set ylabel " "
    set label "stride 1: no images" at graph 0.5, 0.5 center
    unset key
    plot NaN notitle
} else {
    low = -100
    below(c) = valid(c) && column(c) > low ? (column(c) > 60 ? 60 : column(c)) : low
    set xrange [*:*]; set yrange [*:*]
    stats data index 3 using (below(2)) nooutput
    count = STATS_records; top = STATS_max
    stats data index 3 using (below(3)) nooutput
    top = STATS_records > 0 && STATS_max > top ? STATS_max : top; top = top > 0 ? top : 0; top = top + 0.35 * (top - low)
    set xrange [0.4:count + 0.6]; set yrange [low:top]
    step = count > 12 ? nice(count) : 1; set xtics 1,step scale 0; set ytics 20
    do for [i=1:3] { y = i == 1 ? -60 : i == 2 ? -48 : -20
        set arrow from graph 0, first y to graph 1, first y nohead lc rgb "#777777" dt (3,3) lw 1 back
        set label (i == 1 ? "faint" : i == 2 ? "visible" : "severe") at graph 1.01, first y + (i == 1 ? -0.02 : 0.02) * (top - low) left font sized(13) tc rgb "#555555" front }
    set xlabel ndim == 1 ? "image m, at m/s" : "image, row-major"; set ylabel by_hand("level [dB]")
    plot data index 3 using ($1 - 0.2):(0.5*(below(2) + low)):(0.19):(0.5*(below(2) - low)) with boxxyerror fc rgb vermillion title "constant input", \
         data index 3 using ($1 + 0.2):(0.5*(below(3) + low)):(0.19):(0.5*(below(3) - low)) with boxxyerror fs pattern 4 border rgb purple fc rgb purple title "worst in 0.8 of the band", \
         data index 3 using ($1 - 0.2):(low):(below(2) == low ? "none" : "") with labels rotate left offset 0,0.6 font sized(13) tc rgb "#555555" notitle
}
unset multiplot
