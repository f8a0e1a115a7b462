package transforms

// down lowers the rate.
func (r *Resampler) down(dst, src []float32) {
	const window = 2*blockHop + 2*sharpReach
	for at := 0; at < len(dst); at += blockHop {
		var x, soon []float32
		if r.wide != nil {
			x = r.widened(src, window)
			soon = within(src, r.wide.next(), 2*blockHop*r.in/(2*r.out))
		} else {
			x = r.piece(src, 2*at-sharpReach, window)
			soon = within(src, 2*at-sharpReach+window, 2*blockHop)
		}
		if y := dst[at:]; len(y) >= blockHop {
			r.sharp.halve(y, x, soon)
		} else {
			r.sharp.halve(r.tail, x, nil)
			copy(y, r.tail)
		}
	}
}

// widened moves the window of n middle samples by two blocks, the first time
// to its beginning.
func (r *Resampler) widened(src []float32, n int) []float32 {
	if r.have > 0 {
		r.have = copy(r.middle, r.middle[2*blockHop:r.have])
	}
	room := r.middle[:n+r.wide.lanes-1] // which has room for a block until n are there
	for r.have < n {
		x, at := src, 0
		if next := r.wide.next(); next < 0 || next+r.wide.span > len(src) {
			x, at = r.edge, next
			zeroExtend(x, src, at)
		}
		r.have += r.wide.run(room[r.have:], x, at)
	}
	return r.middle[:n]
}

// doubled doubles the rate.
func (r *Resampler) doubled(dst, src []float32) {
	for at := 0; at < len(dst); at += 2 * blockHop {
		x := r.piece(src, (at-sharpReach)/2, blockHop+sharpReach)
		if y := dst[at:]; len(y) >= 2*blockHop {
			r.sharp.double(y, x, within(src, (at-sharpReach)/2+len(x), blockHop))
		} else {
			r.sharp.double(r.tail, x, nil)
			copy(y, r.tail)
		}
	}
}

// up raises the rate.
func (r *Resampler) up(dst, src []float32) {
	at := -upLead // of the first middle sample
	for n := 0; n < len(dst); {
		y := dst[n:]
		if len(y) < wideLanes {
			y = r.tail[:wideLanes]
		}
		done := r.wide.run(y, r.middle[:r.have], at)
		if len(dst)-n < wideLanes {
			copy(dst[n:], y[:done])
		}
		if n += done; done > 0 {
			continue
		}
		if r.have > 0 { // forget what has been used
			used := r.wide.next() - at
			r.have = copy(r.middle, r.middle[used:r.have])
			at += used
		}
		from := (at + r.have - sharpReach) / 2
		x := r.piece(src, from, blockHop+sharpReach)
		r.sharp.double(r.middle[r.have:], x, within(src, from+len(x), blockHop))
		r.have += 2 * blockHop
	}
}

// piece is n samples of src from position at on, zeros outside.
func (r *Resampler) piece(src []float32, at, n int) []float32 {
	if at >= 0 && at+n <= len(src) {
		return src[at : at+n]
	}
	zeroExtend(r.edge[:n], src, at)
	return r.edge[:n]
}

// within is what src has of n samples from position at on.
func within(src []float32, at, n int) []float32 {
	at = min(max(at, 0), len(src))
	return src[at:min(at+n, len(src))]
}

// zeroExtend fills dst with src from position at on, zeros outside.
func zeroExtend(dst, src []float32, at int) {
	lo := min(max(0, -at), len(dst))
	hi := max(lo, min(len(dst), len(src)-at))
	clear(dst[:lo])
	if lo < hi {
		copy(dst[lo:hi], src[at+lo:])
	}
	clear(dst[hi:])
}
