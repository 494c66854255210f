# response.gp DATA OUT [TITLE] - |H| in dB with the ideal filter, the baseband and the bands of the images.
# DATA: polyphase-response FILE -s S > DATA         columns f, |H|, dB; one block per axis
wide = 700; high = 450; higher = 400
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("response.gp")]."common.gp" }
if (ndim > 1) { set multiplot layout ndim,1 title title noenhanced font sized(16); unset title }
do for [axis=0:ndim-1] {
    s = stride_of(axis)
    set xrange [*:*]; set yrange [*:*]
    stats data index axis using (db($2 / S)) nooutput
    low = 20 * floor(STATS_lo_quartile / 20) - 20; low = low < lowest ? lowest : low > -40 ? -40 : low
    top = (STATS_max > 0 ? STATS_max : 0); top = top + 0.14 * (top - low)
    edge_of_band = unit_out / 2 / s
    unset object; unset label; unset arrow
    do for [m=0:s/2] {
        from_f = m == 0 ? 0 : (2*m - 1) * edge_of_band; to_f = (2*m + 1) * edge_of_band; to_f = to_f > unit_out/2 ? unit_out/2 : to_f
        set object rectangle from first from_f, graph 0 to first to_f, graph 1 behind fc rgb (m == 0 ? "#E3F0F8" : m % 2 ? "#FBEBDD" : "#F5F5F5") fs solid noborder
        if (s <= 6) { set label (m == 0 ? (s > 4 ? "signal" : "baseband") : sprintf("image %d", m)) at first (from_f+to_f)/2, graph band_label center font sized(14) tc rgb "#444444" front }
        if (m > 0) { set arrow from first 2*m*edge_of_band, graph 0 to first 2*m*edge_of_band, graph 1 nohead dt (4,6) lc rgb "#999999" lw 1 back }
    }
    set arrow from first 0, first 0 to first edge_of_band, first 0 nohead lc rgb black dt (11,7) lw 1.6 front
    set arrow from first edge_of_band, first 0 to first edge_of_band, graph 0 nohead lc rgb black dt (11,7) lw 1.6 front
    set xrange [0:unit_out/2]; set yrange [low:top]
    step = nice(unit_out/2.0); set xtics step; set ytics 20; set bmargin (axis + 1 == ndim ? room_for(2) : 3.6)
    if (axis > 0) { unset key }
    set xlabel ndim > 1 ? sprintf("%s, axis %d", label_out, axis) : label_out
    set ylabel "gain vs ideal [dB]"
    plot data index axis using 1:(db($2 / S)) with lines lt 1 title "this kernel", \
         NaN with lines lc rgb black dt (11,7) lw 1.6 title "ideal"
}
if (ndim > 1) { unset multiplot }
