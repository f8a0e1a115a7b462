package transforms

// testSignal is n samples of a signal that make_golden.py makes too, in
// integer arithmetic alone: three triangle waves, noise, an offset, and
// stretches of silence and of clipping.
func testSignal(n int) []int16 {
	s := make([]int16, n)
	state := uint32(1)
	triangle := func(i, period int) int {
		p := i % period
		return 4*min(p, period-p)*1000/period - 1000
	}
	for i := range s {
		state = state*1664525 + 1013904223
		noise := int(state>>16)%401 - 200
		v := 30 + 4*triangle(i, 73) + 3*triangle(i, 31) + triangle(i, 7) + noise
		switch (i / 1000) % 8 {
		case 3:
			v /= 16
		case 5:
			v *= 8
		case 7:
			v = 0
		}
		s[i] = int16(min(max(v, -32768), 32767))
	}
	return s
}
