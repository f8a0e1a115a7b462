package main

import (
	"fmt"
	"math"
	"path/filepath"

	"framewise/bench/result"
	"framewise/bench/turns"
)

// checkSteps is how many steps the losses of both are followed, from the same
// weights.
const checkSteps = 3

// compare has ours and theirs take turns, once it is clear that they do the same.
func (p *servers) compare(c contest) result.Row {
	row := c.row(p.against(c))
	if err := p.measure(c, &row); err != nil {
		row.Skipped = err.Error()
	}
	return row
}

func (p *servers) measure(c contest, row *result.Row) error {
	ours, err := p.get(c.ours)
	if err != nil {
		return err
	}
	theirs, err := p.get(c.peer)
	if err != nil {
		return err
	}
	if why := theirs.Missing[c.rival()]; why != "" {
		return fmt.Errorf("%s", why)
	}
	if c.peer.name != framewise { // variants of ours do different things
		if err := p.checkAgreement(c); err != nil {
			return fmt.Errorf("ours and theirs do not agree, so that there is nothing to compare: %w", err)
		}
	}
	a, b := &turns.Player{Runner: ours, ID: c.work}, &turns.Player{Runner: theirs, ID: c.rival()}
	if err := turns.Play([]*turns.Player{a, b}, p.o.rounds, p.o.least); err != nil {
		return err
	}
	row.OursCPU, row.TheirsCPU = result.Median(a.CPU), result.Median(b.CPU)
	return row.SetTimes(a.Wall, b.Wall)
}

// checkAgreement compares the losses of the first steps, or the results of
// what is no training.
func (p *servers) checkAgreement(c contest) error {
	id := c.checked
	if id == "" {
		id = c.work
	}
	ours, err := p.follow(c.ours, id)
	if err != nil {
		return err
	}
	theirs, err := p.follow(c.peer, id)
	if err != nil {
		return err
	}
	return agree(ours, theirs)
}

// follow is what a server saves of a work after its first steps.
func (p *servers) follow(who any, id string) ([]float32, error) {
	if x := p.losses[who][id]; x != nil {
		return x, nil
	}
	s, err := p.get(who)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(p.saved, "result")
	for range checkSteps {
		if err := s.Save(id, path); err != nil {
			return nil, err
		}
	}
	x, err := turns.ReadFloats(path)
	if p.losses[who] == nil {
		p.losses[who] = map[string][]float32{}
	}
	p.losses[who][id] = x
	return x, err
}

// tolerance is relative to the largest value of theirs.
const tolerance = 1e-4

func agree(ours, theirs []float32) error {
	if len(ours) != len(theirs) || len(ours) == 0 {
		return fmt.Errorf("ours are %d values, theirs %d", len(ours), len(theirs))
	}
	var top, off float64
	at := 0
	for i, v := range theirs {
		top = max(top, math.Abs(float64(v)))
		d := math.Abs(float64(ours[i]) - float64(v))
		if d > off || math.IsNaN(d) {
			off, at = d, i
		}
		if math.IsNaN(d) {
			break
		}
	}
	if !(off <= tolerance*top) {
		return fmt.Errorf("value %d is %v, theirs %v, want no more than %.1g between them", at, ours[at], theirs[at], tolerance*top)
	}
	return nil
}
