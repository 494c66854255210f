# spectra.gp DATA OUT [TITLE] - power spectrum of a signal, of it zero-inserted, and after the synthesis filter.
# DATA: polyphase-response FILE -s S --what spectra --signal SIGNAL > DATA         columns f, density, dB; three blocks
wide = 700; high = 480
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("spectra.gp")]."common.gp" }
db10(x) = x > 0 ? 10*log10(x) : -300
low = 1e300; top = -1e300
do for [i=0:2] {
    stats data index i using (db10($2)) nooutput
    low = STATS_lo_quartile < low ? STATS_lo_quartile : low; top = STATS_max > top ? STATS_max : top
}
low = low < top - 120 ? top - 120 : low; low = 20 * floor(low / 20) - 10; top = 10 * ceil(top / 10 + 0.5)
band = unit_out / 2 / s
do for [m=0:s/2] {
    from_f = m == 0 ? 0 : (2*m - 1) * band; to_f = (2*m + 1) * band; to_f = to_f > unit_out/2 ? unit_out/2 : to_f
    set object rectangle from first from_f, graph 0 to first to_f, graph 1 behind fc rgb (m == 0 ? "#E3F0F8" : m % 2 ? "#FBEBDD" : "#F5F5F5") fs solid noborder
    if (s <= 6) { set label (m == 0 ? (s > 4 ? "signal" : "baseband") : sprintf("image %d", m)) at first (from_f+to_f)/2, graph band_label center font sized(14) tc rgb "#444444" front }
}
set xrange [0:unit_out/2]; set yrange [low:top + 0.12*(top - low)]
step = nice(unit_out/2.0); set xtics step; set ytics 20
set xlabel label_out; set ylabel fs > 0 ? "power density [dB/Hz]" : "power density [dB]"
set bmargin room_for(3)
clip(x) = x < low ? low : x
plot data index 1 using 1:(clip(db10($2))) with lines lc rgb vermillion dt (3,2) lw 1.4 title "zero-inserted", \
     data index 2 using 1:(clip(db10($2))) with lines lc rgb blue dt 1 lw 2 title "after the filter", \
     data index 0 using 1:(clip(db10($2))) with lines lc rgb black dt (8,4) lw 1.4 title "input"
