package interchange

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"framewise/model"
	"framewise/model/weights"
)

// The programs whose weights are known.
const (
	PyTorch = "pytorch" // a state_dict with the names of nn.Conv2d, nn.Linear, nn.LSTM, nn.GRU, nn.LayerNorm
	Keras   = "keras"   // the variables of Conv2D, Dense, LSTM, GRU (reset_after), LayerNormalization: "layer.variable"
)

// Programs lists them.
var Programs = []string{Keras, PyTorch}

// pieces lists what a network's weights are in another program, by our weight.
func pieces(net *model.Network, f int, program string) ([][]piece, error) {
	g := geometry{net.Config(), f}
	of := map[string]func(*model.Param) []piece{PyTorch: g.torch, Keras: g.keras}[program]
	if of == nil {
		return nil, fmt.Errorf("weights of %q: want one of %v", program, Programs)
	}
	var all [][]piece
	for _, p := range net.Params() {
		all = append(all, of(p))
	}
	return all, nil
}

// Export gives a network's weights as another program has them. f is the
// number of values of a frame before deltas.
func Export(net *model.Network, f int, program string) ([]weights.Tensor, error) {
	all, err := pieces(net, f, program)
	if err != nil {
		return nil, err
	}
	var ts []weights.Tensor
	for i, p := range net.Params() {
		for _, q := range all[i] {
			t := weights.Tensor{Name: q.name, Shape: q.shape}
			t.Data = make([]float32, t.Size())
			if !q.split {
				q.each(p.Cols, func(ours, theirs int) { t.Data[theirs] = p.Data()[ours] })
			}
			ts = append(ts, t)
		}
	}
	return ts, nil
}

// Import takes a network's weights from those of another program. rename maps
// the beginnings of the file's names to those wanted ("lstm" to "recurrent");
// "module.", which PyTorch's data parallelism puts before names, is dropped.
// Tensors that no weight asks for, an absent one and one of another shape are
// errors, and then nothing is taken.
func Import(net *model.Network, f int, program string, file weights.File, rename map[string]string) error {
	all, err := pieces(net, f, program)
	if err != nil {
		return err
	}
	byName := map[string]weights.Tensor{}
	for _, t := range file.Tensors {
		name := renamed(strings.TrimPrefix(t.Name, "module."), rename)
		if _, twice := byName[name]; twice {
			return fmt.Errorf("two tensors of the file are %q", name)
		}
		byName[name] = t
	}
	values := make([][]float32, len(all))
	var errs []error
	for i, p := range net.Params() {
		values[i] = make([]float32, p.Rows*p.Cols)
		for _, q := range all[i] {
			t, ok := byName[q.name]
			delete(byName, q.name)
			switch {
			case !ok:
				errs = append(errs, fmt.Errorf("no tensor %q of shape %v", q.name, q.shape))
				continue
			case !slices.Equal(t.Shape, q.shape):
				errs = append(errs, fmt.Errorf("tensor %q has shape %v, want %v", q.name, t.Shape, q.shape))
				continue
			}
			q.each(p.Cols, func(ours, theirs int) { values[i][ours] += t.Data[theirs] })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		errs = append(errs, fmt.Errorf("tensor %q of shape %v is not the network's", name, byName[name].Shape))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("weights from %s: %w", program, err)
	}
	for i, p := range net.Params() {
		copy(p.Data(), values[i])
	}
	return nil
}

// renamed replaces the longest beginning that rename has.
func renamed(name string, rename map[string]string) string {
	longest := ""
	for from := range rename {
		if (name == from || strings.HasPrefix(name, from+".")) && len(from) > len(longest) {
			longest = from
		}
	}
	if longest == "" {
		return name
	}
	return rename[longest] + name[len(longest):]
}

// each goes through the numbers of a piece: their places in our matrix, of
// width columns, and in the other's array.
func (q piece) each(width int, visit func(ours, theirs int)) {
	for i, row := range q.rows {
		for j, col := range q.cols {
			theirs := i*len(q.cols) + j
			if q.transpose {
				theirs = j*len(q.rows) + i
			}
			visit(row*width+col, theirs)
		}
	}
}
