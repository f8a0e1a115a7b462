package transforms

import "framewise/transforms/kernels"

// rowMaker turns power spectra into rows of features, all lanes at once.
type rowMaker struct {
	config FeatureConfig
	k      *kernels.Set
	dim    int
	m      int     // half the FFT's size
	scale  float32 // of the power spectrum
	floor  float32
	bank   melBank
	dct    []float32 // lifter included, as kernels.Matrix stores it

	columns []float32 // a vector a feature
	mel     []float32 // of cepstra: a vector a filter
	rows    []float32 // [lanes, dim rounded up to 8]
}

func newRowMaker(c FeatureConfig, rate int, r resolved, k *kernels.Set) rowMaker {
	m := rowMaker{config: c, k: k, m: r.nfft / 2, floor: float32(c.LogFloor), scale: 1}
	if c.PowerOverNFFT {
		m.scale = 1 / float32(r.nfft) // a power of two: exact
	}
	switch c.Kind {
	case LogMel:
		m.bank = newMelBank(c, rate, r)
		m.dim = c.NumFilters
		if c.UseEnergy {
			m.dim++
		}
	case MFCC:
		m.bank = newMelBank(c, rate, r)
		m.mel = aligned(c.NumFilters * k.Lanes)
		m.dct = kernels.Matrix(dctTable(c.NumCeps, c.NumFilters, c.Lifter), c.NumFilters)
		m.dim = c.NumCeps
	case Power, Magnitude:
		m.dim = m.m + 1
	}
	padded := (m.dim + 7) &^ 7
	m.columns = aligned(padded * k.Lanes)
	m.rows = make([]float32, padded*k.Lanes)
	return m
}

// write writes n rows, one a lane, of the power spectra p to dst. energy is the
// frames' raw energies.
func (m *rowMaker) write(dst []float32, n int, p, energy []float32) {
	lanes := m.k.Lanes
	columns := m.columns[:m.dim*lanes]
	switch m.config.Kind {
	case LogMel:
		mel := columns
		if m.config.UseEnergy {
			m.energy(columns[:lanes], p, energy)
			mel = columns[lanes:]
		}
		m.k.Mel(mel, p, m.bank.filters, m.bank.weights)
		m.log(columns)
	case MFCC:
		m.k.Mel(m.mel, p, m.bank.filters, m.bank.weights)
		m.log(m.mel)
		m.k.Product(m.columns, m.dct, m.mel, m.config.NumFilters)
		if m.config.UseEnergy {
			m.energy(columns[:lanes], p, energy)
			m.log(columns[:lanes])
		}
	case Power:
		m.k.Scale(columns, p, m.scale)
	case Magnitude:
		m.k.Sqrt(columns, p)
	}
	m.transpose(dst, n)
}

// energy is the energy that use_energy asks for, before its logarithm.
func (m *rowMaker) energy(dst, p, raw []float32) {
	if m.config.Energy == EnergyRaw {
		copy(dst, raw)
	} else {
		m.k.Energy(dst, p, m.m/4, m.scale)
	}
	for i, e := range dst {
		dst[i] = max(e, float32(m.config.EnergyFloor))
	}
}

// log floors powers and takes their logarithm.
func (m *rowMaker) log(x []float32) {
	if m.config.LogFloorRule == FloorMax {
		m.k.LogMax(x, m.floor)
	} else {
		m.k.LogZero(x, m.floor)
	}
}

// transpose makes n rows of the columns.
func (m *rowMaker) transpose(dst []float32, n int) {
	lanes, padded := m.k.Lanes, len(m.columns)/m.k.Lanes
	switch {
	case lanes == 1:
		copy(dst[:m.dim], m.columns)
	case n == lanes && m.dim == padded:
		m.k.Transpose(dst, m.dim, m.columns, lanes, padded/8, lanes/8)
	default:
		m.k.Transpose(m.rows, padded, m.columns, lanes, padded/8, lanes/8)
		for i := range n {
			copy(dst[i*m.dim:][:m.dim], m.rows[i*padded:])
		}
	}
}
