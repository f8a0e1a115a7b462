package transforms

import "math"

// The corpus of the bit identity test: signals made of integer arithmetic,
// each kind a way in which kernels go wrong.

// corpusKinds are the kinds of 16-bit signals.
const corpusKinds = 8

// corpusSignal is n samples of a kind.
func corpusSignal(kind, n int) []int16 {
	s := make([]int16, n)
	g := lcg(kind + 1)
	random := func(n int) int { return int(g.next() % uint64(n)) }
	mix := testSignal(n)
	v := 0
	for i := range s {
		x := 0
		switch kind {
		case 0: // noise falling off as speech does
			v = v*29/32 + random(6001) - 3000
			x = v
		case 1: // a parabola's tone and its neighbour, periods drifting
			period := 16 + i/3000%97
			p := i % period
			x = 15000*4*p*(period-p)/(period*period) - 7500 + 40*(i%7)
		case 2: // silence, now and then a last bit
			if random(997) == 0 {
				x = 1 - random(2)*2
			}
		case 3: // clipping at both ends
			x = 9 * (random(20001) - 10000)
		case 4: // single impulses
			if random(701) == 0 {
				x = 65535*random(2) - 32768
			}
		case 5: // the last two bits on an offset
			x = 32000 + random(4)
		case 6: // full scale at the Nyquist frequency, with pauses
			if i/1700%3 != 0 {
				x = 65535*(i%2) - 32768
			}
		case 7: // tones, noise, silence, clipping
			x = int(mix[i])
		}
		s[i] = int16(min(max(x, -32768), 32767))
	}
	return s
}

// corpusFloatKinds are the kinds of float32 signals: the ones above as whole
// numbers come first, then what no 16-bit signal holds.
const corpusFloatKinds = corpusKinds + 5

// corpusFloats is n float32 samples of a kind.
func corpusFloats(kind, n int) []float32 {
	if kind < corpusKinds {
		return floats(corpusSignal(kind, n))
	}
	s := make([]float32, n)
	noise := corpusSignal(0, n)
	g := lcg(kind + 1)
	for i := range s {
		sign := uint32(g.next()) << 31
		switch kind - corpusKinds {
		case 0: // [-1, 1) of other programs, fractions here
			s[i] = float32(noise[i]) / 32768
		case 1: // thirds: mantissas without an end
			s[i] = float32(noise[i]) / 3
		case 2: // denormals and negative zeros
			s[i] = math.Float32frombits(sign | uint32(g.next())&0x7fffff>>(i%24))
		case 3: // every magnitude from 2^-60 to 2^20
			s[i] = math.Float32frombits(sign | (67+uint32(g.next()%81))<<23 | uint32(g.next())&0x7fffff)
		case 4: // single impulses of a fraction, among zeros of both signs
			s[i] = math.Float32frombits(sign)
			if g.next()%503 == 0 {
				s[i] = -0.1
			}
		}
	}
	return s
}

// identityCorpus holds every signal once; utterances are cut out of them.
type identityCorpus struct {
	ints   [corpusKinds][]int16
	floats [corpusFloatKinds][]float32
}

// Lengths of the corpus in samples: every utterance length from 0 to longest
// is used, and long is one long recording.
const (
	identityLongest = 2000
	identityLong    = 400000
)

func newIdentityCorpus() *identityCorpus {
	c := new(identityCorpus)
	for k := range c.ints {
		c.ints[k] = corpusSignal(k, identityLong)
	}
	for k := range c.floats {
		c.floats[k] = corpusFloats(k, 20000)
	}
	return c
}

// utterance is n samples of kind n mod corpusKinds; where it begins changes
// with n, so that beginnings and ends differ.
func (c *identityCorpus) utterance(n int) []int16 {
	s := c.ints[n%corpusKinds]
	return s[n*37%15000:][:n]
}

// floatUtterance is utterance in float32.
func (c *identityCorpus) floatUtterance(n int) []float32 {
	s := c.floats[n%corpusFloatKinds]
	return s[n*41%15000:][:n]
}
