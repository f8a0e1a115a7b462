package main

import (
	"fmt"
	"path/filepath"

	"framewise/bench/result"
	"framewise/bench/turns"
	"framewise/transforms/isa"
)

// unit is that of every row here.
const unit = "audio-s"

func (c contest) row(against string, l isa.Level) result.Row {
	return result.Row{Work: c.work, Against: against, Setting: l.String(), Unit: unit, Size: c.seconds, Target: c.targets[l]}
}

// skip is the rows of a contest that has no figures.
func (c contest) skip(against, why string) []result.Row {
	r := result.Row{Work: c.work, Against: against, Setting: isa.Best().String(), Unit: unit, Size: c.seconds, Skipped: why}
	return []result.Row{r}
}

// compare has ours, at every level, and theirs take turns: one round is all
// levels and theirs once. A row a level.
func (p *servers) compare(o options, c contest) []result.Row {
	peer, against, why := p.peer(c.peer, c.theirs)
	if why != "" {
		return c.skip(against, why)
	}
	if err := p.checkAgreement(c, peer); err != nil {
		return c.skip(against, err.Error())
	}
	ours := map[isa.Level]*turns.Player{}
	for l, s := range p.ours {
		ours[l] = &turns.Player{Runner: s, ID: c.ours}
	}
	return c.play(o, against, ours, &turns.Player{Runner: peer, ID: c.theirs})
}

// play runs the rounds and makes the rows.
func (c contest) play(o options, against string, ours map[isa.Level]*turns.Player, theirs *turns.Player) []result.Row {
	var players []*turns.Player
	for _, l := range levels() {
		if ours[l] != nil {
			players = append(players, ours[l])
		}
	}
	if err := turns.Play(append(players, theirs), o.rounds, o.least); err != nil {
		return c.skip(against, err.Error())
	}
	var rows []result.Row
	for _, l := range levels() {
		r := c.row(against, l)
		if ours[l] == nil {
			r.Skipped = fmt.Sprintf("this CPU has %s at most", isa.Best())
		} else if err := r.SetTimes(ours[l].Wall, theirs.Wall); err != nil {
			r.Skipped = err.Error()
		} else {
			r.OursCPU, r.TheirsCPU = result.Median(ours[l].CPU), result.Median(theirs.CPU)
		}
		rows = append(rows, r)
	}
	return rows
}

// checkAgreement holds ours, at every level, against theirs, outside the clock.
func (p *servers) checkAgreement(c contest, peer *turns.Process) error {
	save := func(s *turns.Process, id, name string) ([]float32, error) {
		path := filepath.Join(p.saved, name)
		if err := s.Save(id, path); err != nil {
			return nil, err
		}
		return turns.ReadFloats(path)
	}
	theirs, err := save(peer, c.theirs, "theirs")
	if err != nil {
		return err
	}
	for _, l := range levels() {
		if p.ours[l] == nil {
			continue
		}
		ours, err := save(p.ours[l], c.ours, "ours")
		if err != nil {
			return err
		}
		if err := c.agree(ours, theirs); err != nil {
			return fmt.Errorf("ours (%s) and theirs do not agree, so that there is nothing to compare: %w", l, err)
		}
	}
	return nil
}
