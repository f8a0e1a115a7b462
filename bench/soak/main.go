// Command soak kills builds. It runs the real program on a synthesized corpus,
// ends it with SIGKILL at random moments, runs it to the end, and holds every
// file of the dataset against that of a build that nobody disturbed.
//
// What a kill cannot show is what the loss of power does to writes that the
// disk has not got yet: a killed process's writes stay with the kernel.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

func main() {
	var s soak
	flag.StringVar(&s.program, "framewise", "bin/framewise", "the program")
	flag.StringVar(&s.dir, "dir", "", "folder to work in (default: a temporary one, removed if all went well)")
	flag.IntVar(&s.kills, "kills", 200, "how often to kill")
	flag.Uint64Var(&s.seed, "seed", 1, "seed of the moments")
	flag.IntVar(&s.speakers, "speakers", 9, "speakers of the corpus, with 30 sentences each")
	flag.Parse()
	if err := s.run(); err != nil {
		fmt.Fprintf(os.Stderr, "soak: %v\n", err)
		os.Exit(1)
	}
}

// soak is one run of this program.
type soak struct {
	program  string
	dir      string
	kills    int
	seed     uint64
	speakers int

	rand     *rand.Rand
	pace     float64 // of builds now, against the undisturbed ones
	manifest string
	targets  []*target
	tally    tally
	begun    time.Time
}

func (s *soak) run() (err error) {
	s.begun, s.rand = time.Now(), rand.New(rand.NewPCG(s.seed, 0))
	s.pace = 1
	if s.program, err = filepath.Abs(s.program); err != nil {
		return err
	}
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "framewise-soak-"); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				err = os.RemoveAll(s.dir)
			}
		}()
	}
	fmt.Printf("seed %d, %d kills, in %s\n", s.seed, s.kills, s.dir)
	if err := s.prepare(); err != nil {
		return err
	}
	out := filepath.Join(s.dir, "data")
	for round := 1; s.tally.kills() < s.kills; round++ {
		if err := s.round(round, out); err != nil {
			return fmt.Errorf("round %d of seed %d: %w; see %s", round, s.seed, err, out)
		}
		s.progress(round)
	}
	s.tally.print(os.Stdout, time.Since(s.begun))
	return nil
}

// progress tells how far it is, every ten rounds.
func (s *soak) progress(round int) {
	done := s.tally.kills()
	if round%10 != 0 || done == 0 {
		return
	}
	spent := time.Since(s.begun)
	left := time.Duration(float64(spent) / float64(done) * float64(max(s.kills-done, 0)))
	fmt.Printf("round %d: %d of %d kills, %s left\n", round, done, s.kills, left.Round(time.Second))
}
