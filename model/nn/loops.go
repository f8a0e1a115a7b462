package nn

import (
	"math"

	"framewise/model/gemm"
	"framewise/model/vec"
)

// The loops of the operations: float32 by package vec, float64 by definition.

func addTo[F float](dst, src []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Add(d, any(src).([]float32))
		return
	}
	for i := range dst {
		dst[i] += src[i]
	}
}

func tanhOf[F float](dst, src []F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Tanh(d, any(src).([]float32))
		return
	}
	for i := range dst {
		dst[i] = F(math.Tanh(float64(src[i])))
	}
}

// prefetch has what comes next brought near.
func prefetch[F float](x []F) {
	if x32, ok := any(x).([]float32); ok {
		vec.Prefetch(x32)
	}
}

func expOf[F float](dst, src []F, shift F) {
	if d, ok := any(dst).([]float32); ok {
		vec.Exp(d, any(src).([]float32), float32(shift))
		return
	}
	for i := range dst {
		dst[i] = F(math.Exp(float64(src[i] - shift)))
	}
}

// ctcStep is vec.CTC for both types.
func ctcStep[F float](b, neighbor, l, repeat, p, bOut, lOut []F, blank F) F {
	if b32, ok := any(b).([]float32); ok {
		return F(vec.CTC(b32, any(neighbor).([]float32), any(l).([]float32), any(repeat).([]float32), any(p).([]float32),
			any(bOut).([]float32), any(lOut).([]float32), float32(blank)))
	}
	top := F(math.Inf(-1))
	for i, from := range b {
		x := logAdd(from, neighbor[i])
		bOut[i] = x + blank
		if repeat[i] >= 0 {
			from = x
		}
		lOut[i] = logAdd(l[i], from) + p[i]
		top = max(top, bOut[i], lOut[i])
	}
	return top
}

func logAdd[F float](a, b F) F {
	return max(a, b) + F(math.Log1p(math.Exp(-math.Abs(float64(a-b)))))
}

func sigmoid[F float](x F) F { return F(1 / (1 + math.Exp(-float64(x)))) }

// cellForward is vec.LSTMForward for both types.
func cellForward[F float](g, bias, cp, c, y []F) {
	if g32, ok := any(g).([]float32); ok {
		vec.LSTMForward(g32, any(bias).([]float32), any(cp).([]float32), any(c).([]float32), any(y).([]float32))
		return
	}
	h := len(c)
	for j := range c {
		i, f, o := sigmoid(g[j]+bias[j]), sigmoid(g[h+j]+bias[h+j]), sigmoid(g[3*h+j]+bias[3*h+j])
		q := F(math.Tanh(float64(g[2*h+j] + bias[2*h+j])))
		v := f*cp[j] + i*q
		g[j], g[h+j], g[2*h+j], g[3*h+j] = i, f, q, o
		c[j], y[j] = v, o*F(math.Tanh(float64(v)))
	}
}

// cellBackward is vec.LSTMBackward for both types.
func cellBackward[F float](g, cp, y, dy, dh, dc []F) {
	if g32, ok := any(g).([]float32); ok {
		vec.LSTMBackward(g32, any(cp).([]float32), any(y).([]float32), any(dy).([]float32), any(dh).([]float32), any(dc).([]float32))
		return
	}
	h := len(dc)
	for j, out := range y {
		i, f, q, o := g[j], g[h+j], g[2*h+j], g[3*h+j]
		var t F // tanh(c); of a gate that is shut it does not matter
		if o > 0 {
			t = out / o
		}
		d := dh[j] + dy[j]
		v := dc[j] + d*o*(1-t*t)
		g[j] = v * q * i * (1 - i)
		g[h+j] = v * cp[j] * f * (1 - f)
		g[2*h+j] = v * i * (1 - q*q)
		g[3*h+j] = d * t * o * (1 - o)
		dc[j] = v * f
	}
}

// gruForward is vec.GRUForward for both types.
func gruForward[F float](g, s, hp, y []F) {
	if g32, ok := any(g).([]float32); ok {
		vec.GRUForward(g32, any(s).([]float32), any(hp).([]float32), any(y).([]float32))
		return
	}
	h := len(y)
	for j := range y {
		r, z := sigmoid(g[j]+s[j]), sigmoid(g[h+j]+s[h+j])
		n := F(math.Tanh(float64(g[2*h+j] + r*s[2*h+j])))
		g[j], g[h+j], g[2*h+j] = r, z, n
		y[j] = n + z*(hp[j]-n)
	}
}

// gruBackward is vec.GRUBackward for both types.
func gruBackward[F float](g, s, hp, dy, dh []F) {
	if g32, ok := any(g).([]float32); ok {
		vec.GRUBackward(g32, any(s).([]float32), any(hp).([]float32), any(dy).([]float32), any(dh).([]float32))
		return
	}
	h := len(dh)
	for j := range dh {
		r, z, n := g[j], g[h+j], g[2*h+j]
		d := dh[j] + dy[j]
		dz, dn := d*(hp[j]-n)*z*(1-z), d*(1-z)*(1-n*n)
		dr := dn * s[2*h+j] * r * (1 - r)
		dh[j] = d * z
		g[j], g[h+j], g[2*h+j] = dr, dz, dn
		s[j], s[h+j], s[2*h+j] = dr, dz, dn*r
	}
}

// factor is a right factor that multiplies many matrices: packed for float32,
// used where it lies for float64.
type factor[F float] struct {
	packed     gemm.Packed
	transposed bool
	k, n, ld   int
	b          []F
	ones       []F // for sumRows
}

// set takes op(b) of shape [k, n], with ld numbers between stored rows.
func (f *factor[F]) set(transposed bool, k, n int, b []F, ld int) {
	f.transposed, f.k, f.n, f.b, f.ld = transposed, k, n, b, ld
	if b32, ok := any(b).([]float32); ok {
		f.packed.Pack(transposed, k, n, b32, ld)
	}
}

// mul computes C = A*op(b) + beta*C for m rows.
func (f *factor[F]) mul(m int, a []F, lda int, beta F, c []F, ldc int) {
	if a32, ok := any(a).([]float32); ok {
		f.packed.Mul(false, m, a32, lda, float32(beta), any(c).([]float32), ldc)
		return
	}
	gemm.Gemm(1, false, f.transposed, m, f.n, f.k, a, lda, f.b, f.ld, beta, c, ldc)
}

// mulTransposed computes C += A^T*op(b) for A of [k, m].
func (f *factor[F]) mulTransposed(m int, a []F, lda int, c []F, ldc int) {
	if a32, ok := any(a).([]float32); ok {
		f.packed.Mul(true, m, a32, lda, 1, any(c).([]float32), ldc)
		return
	}
	gemm.Gemm(1, true, f.transposed, m, f.n, f.k, a, lda, f.b, f.ld, 1, c, ldc)
}

// sumRows adds the sums of op(b)'s columns to c: a product with ones.
func (f *factor[F]) sumRows(c []F) {
	if len(f.ones) < f.k {
		f.ones = make([]F, f.k)
		for i := range f.ones {
			f.ones[i] = 1
		}
	}
	f.mulTransposed(1, f.ones, 1, c, f.n)
}
