package turns

import (
	"fmt"
	"math"
	"time"
)

// Runner does works: a [Process], or a [Command].
type Runner interface {
	Run(id string, n int) (Time, error)
}

// Player is one side of a comparison and what its rounds took, for one pass.
type Player struct {
	Runner Runner
	ID     string

	Wall, CPU, PeakMB []float64

	passes int
}

// maxPasses bounds how often a short work is repeated in one turn.
const maxPasses = 1000

// Play has all players take turns, rounds times, after a turn each to warm up.
// A turn repeats the work so that it lasts about least. Every other round goes
// backwards, so that nobody always follows the same neighbour.
func Play(players []*Player, rounds int, least time.Duration) error {
	for _, p := range players {
		if err := p.warmUp(least); err != nil {
			return err
		}
	}
	for r := range rounds {
		for i := range players {
			p := players[i]
			if r%2 == 1 {
				p = players[len(players)-1-i]
			}
			if err := p.turn(); err != nil {
				return err
			}
		}
	}
	return nil
}

// warmUp runs the work once to have everything made, and if that was short once
// more to see how long it takes.
func (p *Player) warmUp(least time.Duration) error {
	t, err := p.Runner.Run(p.ID, 1)
	if err == nil && t.Wall < least.Seconds() {
		t, err = p.Runner.Run(p.ID, 1)
	}
	if err != nil {
		return err
	}
	if t.Wall <= 0 {
		return fmt.Errorf("%s: a pass took %v s, want more than 0", p.ID, t.Wall)
	}
	p.passes = int(math.Ceil(min(max(least.Seconds()/t.Wall, 1), maxPasses)))
	return nil
}

func (p *Player) turn() error {
	t, err := p.Runner.Run(p.ID, p.passes)
	if err != nil {
		return err
	}
	p.Wall = append(p.Wall, t.Wall/float64(p.passes))
	p.CPU = append(p.CPU, t.CPU/float64(p.passes))
	p.PeakMB = append(p.PeakMB, t.PeakMB)
	return nil
}
