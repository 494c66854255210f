# common.gp - what all pictures share: arguments, terminal, colours, and the line "# layer: ndim=1 stride=2 fs=0 what=magnitude names=" of the data.
# A picture sets its size, `wide` and `high` (700 = one column of print, 3.5 in), and loads this; the commands send both as one text,
# with `data`, `title` and `terminal` set before.
if (!exists("data")) {
    if (argc < 2) {
        print "usage: gnuplot -c PICTURE.gp DATA OUT [TITLE]     OUT ends in .png, .svg or .pdf, or is png, svg, pdf or dumb: standard output"
        exit status 2
    }
    data = arg1
    title = argc >= 3 ? arg3 : ""
    ending = strlen(arg2) > 4 ? arg2[strlen(arg2)-3:*] : ""
    terminal = ending[1:1] eq "." ? ending[2:*] : arg2
    if (data[1:1] eq "<" || data[1:1] eq "|" || arg2[1:1] eq "|") { print "a name that begins with < or | is not a file"; exit status 2 }
}
set encoding utf8
set decimalsign '.'
if (terminal ne "dumb") { set minussign }
drawn_by_hand = terminal eq "dumb"
# Sizes of letters are said for the 17 points of PNG and SVG; a PDF is in print's own points, 6 for the same letter.
sized(points) = sprintf(",%g", terminal eq "pdf" ? points * 6 / 17.0 : points)

band_label = drawn_by_hand ? 1.0 : 0.955     # height of the names of the bands

# Colours that differ for every kind of sight (Okabe and Ito 2008), and dashes and points that differ without any.
blue = "#0072B2"; vermillion = "#D55E00"; green = "#009E73"; purple = "#CC79A7"
orange = "#E69F00"; sky = "#56B4E9"; grey = "#777777"; black = "#000000"
set linetype 1 lc rgb blue       lw 2.2 dt 1           pt 7  ps 0.7
set linetype 2 lc rgb vermillion lw 2.2 dt (14,7)       pt 5  ps 0.7
set linetype 3 lc rgb green      lw 2.2 dt (20,5,4,5)  pt 9  ps 0.8
set linetype 4 lc rgb purple     lw 2.2 dt (4,5)       pt 11 ps 0.8
set linetype 5 lc rgb orange     lw 2.2 dt (28,8)      pt 13 ps 0.8
set linetype 6 lc rgb sky        lw 2.2 dt (14,4,3,4,3,4) pt 4 ps 0.7
set linetype 7 lc rgb black      lw 2.2 dt (7,4)       pt 6  ps 0.7
set linetype 8 lc rgb grey       lw 2.2 dt (10,10)       pt 8  ps 0.8
set linetype cycle 8
set border 3 lw 1 lc rgb "#333333"
set tics nomirror out scale 0.6
set grid lw 0.6 lc rgb "#DDDDDD" dt 1
# The key is below everything, two entries a row; a picture makes the room for its number of entries.
set key at screen 0.5, screen 0.012 center bottom horizontal Left reverse maxcols 2 samplen 3 spacing 1.1
room_for(entries) = 3.6 + 1.25 * ((entries + 1) / 2)
set style fill solid 1.0 noborder
set datafile missing "?"

# Number n, from 1, of a list with commas.
upto(t) = strstrt(t, ",") ? t[1:strstrt(t, ",")-1] : t
after(t) = strstrt(t, ",") ? t[strstrt(t, ",")+1:*] : ""
field(t, n) = n <= 1 ? upto(t) : field(after(t), n - 1)

ndim = 1; strides = "1"; fs = 0; names = ""; edge = 0.8
take(t) = t[1:7] eq "stride=" ? (strides = t[8:*], 0) : t[1:3] eq "fs=" ? (fs = t[4:*] + 0, 0) : \
          t[1:5] eq "ndim=" ? (ndim = int(t[6:*] + 0), 0) : t[1:6] eq "names=" ? (names = t[7:*], 0) : 0
set datafile commentschars ""
stats data using (strcol(1) eq "#" && strcol(2) eq "layer:" ? take(strcol(3)) + take(strcol(4)) + take(strcol(5)) + take(strcol(6)) + take(strcol(7)) : 0) nooutput
set datafile commentschars "#"
# Only now the terminal (noenhanced as a whole: `set title .. noenhanced` still warns of braces in 5.4): a kernel of several axes may need more room (`higher` for each more).
tall = high + (exists("higher") ? (ndim - 1) * higher : 0)
if (terminal eq "png") { set terminal pngcairo noenhanced size 2*wide,2*tall font "Sans,17" fontscale 2 linewidth 2 pointscale 2 background "white" }
else { if (terminal eq "svg") { set terminal svg noenhanced size wide,tall font "Sans,17" linewidth 1 background "white" }
else { if (terminal eq "pdf") { set terminal pdfcairo noenhanced size wide/200.0,tall/200.0 font "Sans,6" fontscale 1 linewidth 0.5 pointscale 0.35 }
else { if (terminal eq "dumb") { set terminal dumb size 98,int(tall * 0.066) noenhanced mono }
else { print "the picture's name ends in neither .png, .svg nor .pdf"; exit status 2 }}}}
if (exists("ending")) { if (ending[1:1] eq ".") { set output arg2 } }
if (title ne "") { set title title noenhanced font sized(strlen(title) > 62 ? 13 : 16) }

stride_of(axis) = int(field(strides, axis + 1) + 0)
s = stride_of(0)
S = 1; do for [i=0:ndim-1] { S = S * stride_of(i) }

# What to take for a row's column that is not defined: the value before it.
before = 0.0
kept(c) = valid(c) ? (before = column(c)) : before

unit_out = fs > 0 ? fs : 1.0
label_out = fs > 0 ? "frequency [Hz]" : "frequency [cycles per output sample]"
label_in = fs > 0 ? "input frequency [Hz]" : "input frequency [cycles per input sample]"
lowest = -120.0
db(x) = x > 0 && 20*log10(x) > lowest ? 20*log10(x) : lowest
# A step of 1, 2 or 5 times a power of ten that divides `span` into about five.
nice(span) = (p = 10.0**floor(log10(span / 5.0)), q = span / 5.0 / p, (q > 5 ? 10 : q > 2 ? 5 : q > 1 ? 2 : 1) * p)
