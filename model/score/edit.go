package score

// Edits counts the operations that turn a reference into a hypothesis.
type Edits struct {
	Substitutions int
	Deletions     int // in the reference, missing from the hypothesis
	Insertions    int // in the hypothesis only
	Reference     int // length of the reference
}

// Distance is the number of operations.
func (e Edits) Distance() int { return e.Substitutions + e.Deletions + e.Insertions }

// Add sums counts over utterances.
func (e *Edits) Add(o Edits) {
	e.Substitutions += o.Substitutions
	e.Deletions += o.Deletions
	e.Insertions += o.Insertions
	e.Reference += o.Reference
}

// Rate is the distance over the length of the reference (the PER if the labels
// are phones), and false if the reference is empty.
func (e Edits) Rate() (float64, bool) {
	if e.Reference == 0 {
		return 0, false
	}
	return float64(e.Distance()) / float64(e.Reference), true
}

// Align counts the operations of a least-distance alignment of hyp to ref,
// each costing 1 (Wagner and Fischer 1974). Among alignments of the same
// distance it takes one with the most substitutions, and so the fewest
// deletions and insertions; that makes the counts unique. Other programs, such
// as sclite and Kaldi's compute-wer, may count two operations of a deletion and an
// insertion where this counts two substitutions; the distance is the same. It
// needs memory of the length of hyp only.
func Align[L comparable](ref, hyp []L) Edits {
	prev := make([]Edits, len(hyp)+1)
	row := make([]Edits, len(hyp)+1)
	for j := range prev {
		prev[j].Insertions = j
	}
	for i, r := range ref {
		row[0] = Edits{Deletions: i + 1}
		for j, h := range hyp {
			best := prev[j]
			if r != h {
				best.Substitutions++
			}
			if e := prev[j+1]; e.Distance()+1 < best.Distance() || e.Distance()+1 == best.Distance() && e.Substitutions > best.Substitutions {
				best = e
				best.Deletions++
			}
			if e := row[j]; e.Distance()+1 < best.Distance() || e.Distance()+1 == best.Distance() && e.Substitutions > best.Substitutions {
				best = e
				best.Insertions++
			}
			row[j+1] = best
		}
		prev, row = row, prev
	}
	e := prev[len(hyp)]
	e.Reference = len(ref)
	return e
}

// Distance is the edit distance of two sequences: the least number of
// substitutions, deletions and insertions. It is symmetric and a metric.
func Distance[L comparable](a, b []L) int { return Align(a, b).Distance() }
