# surface.gp DATA OUT [TITLE] - |H(f1, f2)| of a 2-D kernel; crosses mark the centres of the images, the square is the baseband.
# DATA: polyphase-response FILE -s S --what surface > DATA         columns f1, f2, |H|, dB
wide = 700; high = 660
if (!exists("data")) { argc = ARGC; arg1 = ARG1; arg2 = ARG2; arg3 = ARG3; load ARG0[1:strlen(ARG0)-strlen("surface.gp")]."common.gp" }
low = -60
set xrange [-unit_out/2:unit_out/2]; set yrange [-unit_out/2:unit_out/2]
set size ratio -1
step = nice(unit_out); set xtics step out; set ytics step out
unset grid; set border 15
set xlabel fs > 0 ? "f2 [Hz]" : "f2 [cycles per output sample]"; set ylabel fs > 0 ? "f1 [Hz]" : "f1 [cycles per output sample]"
set cbrange [low:0]; set cblabel "gain vs ideal [dB]" offset 1.6,0; set cbtics 20
set palette defined (0 "#FFFFFF", 0.35 "#9BC7E4", 0.7 "#0072B2", 1 "#1A1A1A")
s1 = stride_of(0); s2 = stride_of(1)
set object rectangle from first -unit_out/2/s2, first -unit_out/2/s1 to first unit_out/2/s2, first unit_out/2/s1 front fs empty border rgb vermillion dt (11,7) lw 2
do for [a=-(s1/2):s1/2] { do for [b=-(s2/2):s2/2] {
    if (a != 0 || b != 0) { set label at first b*unit_out/s2, first a*unit_out/s1 point pt 2 ps 1.4 lw 2.5 lc rgb vermillion front }
} }
clip(x) = x < low ? low : x > 0 ? 0 : x
set bmargin room_for(2); set rmargin 10
if (drawn_by_hand) { set contour base; unset surface; set view map; set cntrparam levels discrete -6,-20,-40; splot data using 2:1:(clip(db($3 / S))) with lines notitle } \
else { plot data using 2:1:(clip(db($3 / S))) with image notitle, NaN with points pt 2 ps 1.4 lw 2.5 lc rgb vermillion title "image centres", \
       NaN with lines lc rgb vermillion dt (11,7) lw 2 title "baseband" }
