package synth

// The lexicon gives each word a broad pronunciation in TIMIT's labels, from
// which pronounce.go makes the narrow one. A stop is written without its
// closure. The first vowel that is not a reduced one carries the stress unless
// another is marked with 1. "|" parts variants.
//
// A verb has a base form and, after "/", its past if that is not regular.

const persons = `
sailor s ey l axr
teacher t iy ch axr
farmer f aa r m axr
doctor d aa k t axr
driver d r ay v axr
painter p ey n t axr
lawyer l oy axr
baker b ey k axr
uncle ah ng k el
cousin k ah z en
captain k ae p t en
woman w uh m ax n
boy b oy
girl g er l
child ch ay l d
nurse n er s
judge jh ah jh
king k ih ng
cowboy k aw b oy
tailor t ey l axr
butler b ah t l axr
hunter hh ah n t axr
actor ae k t axr
author ao th axr
engineer eh n jh ix n ih1 r
musician m y ux z ih1 sh en
`

const things = `
bottle b aa t el
basket b ae s k ix t
button b ah t en
garden g aa r d en
ladder l ae d axr
letter l eh t axr
pencil p eh n s el
paper p ey p axr
picture p ih k ch axr
window w ih n d ow
table t ey b el
kettle k eh t el
blanket b l ae ng k ix t
hammer hh ae m axr
barrel b eh r el
ticket t ih k ix t
jacket jh ae k ix t
carpet k aa r p ix t
cup k ah p
plate p l ey t
book b uh k
chair ch eh r
coat k ow t
drum d r ah m
flag f l ae g
guitar g ix t aa1 r
hat hh ae t
house hh aw s
lamp l ae m p
map m ae p
orange ao r ix n jh
apple ae p el
egg eh g
onion ah n y ax n
potato p ax t ey1 t ow
tomato t ax m ey1 t ow
banana b ax n ae1 n ax
sandwich s ae n w ix ch
cookie k uh k iy
wagon w ae g ax n
engine eh n jh ix n
machine m ax sh iy1 n
vase v ey s
vision v ih zh en
treasure t r eh zh axr
garage g axr aa1 zh
shovel sh ah v el
feather f eh dh axr
toy t oy
coin k oy n
mouth m aw th
path p ae th
ring r ih ng
rope r ow p
saddle s ae d el
shirt sh er t
shoe sh uw
spoon s p uw n
stone s t ow n
suit s uw t
tool t uw l
yard y aa r d
zipper z ih p axr
cloud k l aw d
thumb th ah m
bridge b r ih jh
dress d r eh s
`

const places = `
bottom b aa t em
harbor hh aa r b axr
kitchen k ih ch en
village v ih l ix jh
river r ih v axr
valley v ae l iy
island ay l ax n d
station s t ey sh en
market m aa r k ix t
mountain m aw n t en
school s k uw l
church ch er ch
office ao f ix s
museum m y ux z iy1 em
city s ih t iy
desert d eh z axr t
forest f ao r ix s t
barn b aa r n
beach b iy ch
road r ow d
town t aw n
cave k ey v
theater th iy ax t axr
ocean ow sh en
`

const adjectives = `
old ow l d
oily oy l iy
yellow y eh l ow
little l ih t el
heavy hh eh v iy
happy hh ae p iy
pretty p r ih t iy
dirty d er t iy
greasy g r iy s iy
broken b r ow k en
wooden w uh d en
golden g ow l d en
silver s ih l v axr
purple p er p el
orange ao r ix n jh
quiet k w ay ax t
noisy n oy z iy
gentle jh eh n t el
simple s ih m p el
narrow n eh r ow
empty eh m p t iy
early er l iy
ugly ah g l iy
usual y ux zh ux el
rough r ah f
smooth s m uw dh
thick th ih k
thin th ih n
young y ah ng
large l aa r jh
blue b l uw
brown b r aw n
black b l ae k
white w ay t
good g uh d
cheap ch iy p
fresh f r eh sh
sour s aw axr
loud l aw d
zigzag z ih g z ae g
`

const transitive = `
carry k eh r iy
paint p ey n t
wash w aa sh
push p uh sh
pull p uh l
follow f aa l ow
watch w aa ch
notice n ow t ix s
open ow p en
count k aw n t
fill f ih l
fix f ih k s
move m uw v
turn t er n
clean k l iy n
cook k uh k
measure m eh zh axr
enjoy ax n jh oy1
avoid ax v oy1 d
reach r iy ch
help hh eh l p
paste p ey s t
finish f ih n ix sh
admire ax d m ay1 axr
remember r ix m eh1 m b axr
collect k ax l eh1 k t
suggest s ax g jh eh1 s t
borrow b aa r ow
touch t ah ch
need n iy d
want w aa n t
choose ch uw z / chose ch ow z
bring b r ih ng / brought b r ao t
keep k iy p / kept k eh p t
find f ay n d / found f aw n d
build b ih l d / built b ih l t
catch k ae ch / caught k ao t
throw th r ow / threw th r uw
draw d r ao / drew d r uw
sell s eh l / sold s ow l d
buy b ay / bought b ao t
hold hh ow l d / held hh eh l d
take t ey k / took t uh k
shake sh ey k / shook sh uh k
see s iy / saw s ao
`

const intransitive = `
walk w ao k
wait w ey t
rest r eh s t
work w er k
play p l ey
laugh l ae f
listen l ih s en
sail s ey l
wander w aa n d axr
arrive axr ay1 v
hide hh ay d / hid hh ih d
sleep s l iy p / slept s l eh p t
sing s ih ng / sang s ae ng
fall f ao l / fell f eh l
stand s t ae n d / stood s t uh d
speak s p iy k / spoke s p ow k
ride r ay d / rode r ow d
fly f l ay / flew f l uw
`

// Function words: the second and later variants are the reduced ones.
const functionWords = `
the dh ax | dh ix
a ax | ix
an ax n | ix n
and ae n d | ix n | en | ix n d | ax n
of ax v | ax
to t ux | t ax | t ix
for f axr | f ao r
with w ix th | w ih dh
that dh ae t | dh ix t
this dh ih s | dh ix s
these dh iy z
those dh ow z
his hh ih z | ix z
her hh er | hh axr | axr
our aw axr | aa r
their dh eh r | dh axr
your y axr | y uh r
my m ay
me m iy
she sh iy | sh ix
he hh iy | hh ix
they dh ey
we w iy | w ix
you y ux | y ix
I ay
it ih t | ix t
was w ax z | w ah z
were w axr | w er
is ih z | ix z
had hh ae d | hh ix d | ax d
has hh ae z | hh ix z
did d ih d | d ix d
could k uh d | k ix d
should sh uh d | sh ix d
will w ih l | w el
can k ae n | k ix n | k eng
in ih n | ix n | en
on aa n | ao n
at ae t | ix t
under ah n d axr
over ow v axr
near n ih r
behind b ix hh ay1 n d
across ax k r ao1 s
through th r uw | th r ux
around axr aw1 n d
beyond b iy aa1 n d
before b ix f ao1 r
after ae f t axr
by b ay
but b ah t | b ax t
or ao r | axr
while w ay l
because b ix k ah1 z
if ih f
why w ay
where w eh r
when w eh n | w ix n
who hh uw | hh ux
how hh aw
many m eh n iy
not n aa t
never n eh v axr
always ao l w ey z
often ao f en
rarely r eh r l iy
suddenly s ah d en l iy
yesterday y eh s t axr d ey
today t ax d ey1
again ax g eh1 n
perhaps p axr hh ae1 p s
usually y ux zh ax l iy
maybe m ey b iy
please p l iy z
two t uw
three th r iy
four f ao r
five f ay v
seven s eh v en
eleven ax l eh1 v en
thirty th er t iy
few f y ux
some s ah m
every eh v r iy
both b ow th
don't d ow n t | d ow n
ask ae s k
dark d aa r k
like l ay k
all ao l
year y ih r
rag r ae g
water w aa t axr
suit s uw t
wash w aa sh
oily oy l iy
greasy g r iy s iy
carry k eh r iy
`
