package vec

// GRUForward computes one step of one sequence of gated recurrent units (Cho et
// al. 2014, with the reset gate after the product, as PyTorch and Keras have
// it), H = len(y). g [3H] holds what the gates r, z and n have from the input,
// s [3H] what they have from the output before, hp, each with its bias. g
// receives the gates' outputs, y the output:
//
//	r, z = sigmoid(g + s)    n = tanh(g + r*s)    y = n + z*(hp - n)
func GRUForward(g, s, hp, y []float32) {
	h := len(y)
	if h == 0 {
		return
	}
	active.gruForward(g[:3*h], s[:3*h], hp[:h], y)
}

// GRUBackward is the gradient of GRUForward, H = len(dh). g holds the gates'
// outputs [3H] and s what GRUForward was given; they receive the gradients
// with respect to what GRUForward was given there. dy is the gradient with
// respect to y from above; dh is that from the step after and receives what
// goes to hp past the gates, z times the whole.
func GRUBackward(g, s, hp, dy, dh []float32) {
	h := len(dh)
	if h == 0 {
		return
	}
	active.gruBackward(g[:3*h], s[:3*h], hp[:h], dy[:h], dh)
}

func gruForwardGo(g, s, hp, y []float32) {
	h := len(y)
	for j := range y {
		r, z := sigmoid32(g[j]+s[j]), sigmoid32(g[h+j]+s[h+j])
		n := tanh32(fma32(r, s[2*h+j], g[2*h+j]))
		g[j], g[h+j], g[2*h+j] = r, z, n
		y[j] = fma32(z, hp[j]-n, n)
	}
}

func gruBackwardGo(g, s, hp, dy, dh []float32) {
	h := len(dh)
	for j := range dh {
		r, z, n := g[j], g[h+j], g[2*h+j]
		d := dh[j] + dy[j]
		dz := float32(float32(float32(d*(hp[j]-n))*z) * (1 - z))
		dn := float32(float32(d*(1-z)) * (1 - float32(n*n)))
		dr := float32(float32(float32(dn*s[2*h+j])*r) * (1 - r))
		dh[j] = d * z
		g[j], g[h+j], g[2*h+j] = dr, dz, dn
		s[j], s[h+j], s[2*h+j] = dr, dz, float32(dn*r)
	}
}
