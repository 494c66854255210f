# bifrequency.gp DATA OUT [TITLE] - which output frequencies an input frequency comes out at, and with what gain.
# DATA: polyphase-response FILE -s S --what bifrequency > DATA         columns f_in, f_out, gain, dB; one block per line
wide = 700; high = 600
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("bifrequency.gp")]."common.gp" }
unit_in = fs > 0 ? fs / s : 1.0
low = -60
set xrange [-unit_in/2:unit_in/2]; set yrange [-unit_out/2:unit_out/2]
step = nice(unit_in); set xtics step; step = nice(unit_out); set ytics step
set xlabel label_in; set ylabel fs > 0 ? "output frequency [Hz]" : "output frequency [cycles/sample]"
set cbrange [low:0]; set cblabel "gain vs ideal [dB]" offset 1.6,0; set cbtics 20
set palette defined (0 "#F0F0F0", 0.35 "#9BC7E4", 0.7 "#0072B2", 1 "#1A1A1A")
set object rectangle from graph 0, first -unit_out/2/s to graph 1, first unit_out/2/s behind fc rgb "#EAF4FA" fs solid noborder
set label "baseband" at graph 0.02, first 0.44*unit_out/s left font sized(14) tc rgb "#444444" front
unset key
clip(x) = x < low ? low : x > 0 ? 0 : x
set rmargin 10
if (drawn_by_hand) { plot data using 1:2 with points pt 7 notitle } \
else { plot data using 1:2:(clip(db($3 / S))) with lines lw 6 lc palette notitle }
