package decode

import (
	"fmt"
	"slices"
)

// Align finds the likeliest path of CTC that says the classes: the class of
// every frame, the blank among them. It tells where in an utterance the labels
// of a hypothesis are, as far as CTC knows. ok is false if there are too few
// frames for them or every such path has probability 0.
func Align(classes []int, blank, frames int, row func(t int) []float32) (path []int, ok bool, err error) {
	if frames == 0 {
		return nil, len(classes) == 0, nil
	}
	states := make([]int, 2*len(classes)+1) // blank, label, blank, ..., blank
	for i := range states {
		states[i] = blank
		if i%2 == 1 {
			states[i] = classes[i/2]
		}
	}
	n := len(states)
	score, next := make([]float64, n), make([]float64, n)
	step := make([]int8, frames*n) // how many states back the path came from
	var logp []float64
	for t := range frames {
		logp = resized(logp, len(row(t)))
		if !logs(logp, row(t)) {
			return nil, false, fmt.Errorf("align: frame %d is no distribution", t)
		}
		for s, c := range states {
			if c < 0 || c >= len(logp) {
				return nil, false, fmt.Errorf("align: class %d, want 0 to %d", c, len(logp)-1)
			}
			best, back := impossible, 0
			if t == 0 {
				if s < 2 {
					best = 0
				}
			} else {
				best = score[s]
				if s >= 1 && score[s-1] > best {
					best, back = score[s-1], 1
				}
				if s >= 2 && c != blank && c != states[s-2] && score[s-2] > best {
					best, back = score[s-2], 2
				}
			}
			next[s], step[t*n+s] = best+logp[c], int8(back)
		}
		score, next = next, score
	}
	at := n - 1
	if n > 1 && score[n-2] >= score[n-1] {
		at = n - 2
	}
	if score[at] == impossible {
		return nil, false, nil
	}
	path = make([]int, 0, frames)
	for t := frames - 1; t >= 0; t-- {
		path = append(path, states[at])
		at -= int(step[t*n+at])
	}
	slices.Reverse(path)
	return path, true, nil
}
