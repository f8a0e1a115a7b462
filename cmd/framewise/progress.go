package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows one bar a stage on a terminal, and elsewhere a line every
// few seconds, each with the rate and the time left. It may be called from
// several goroutines.
type progress struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex
	stage string
	bar   *progressbar.ProgressBar
	begun time.Time
	said  time.Time
	total int64
	done  int64
	unit  string
	more  string // how the work is going, beside how far it is
}

// quietFor is how long a stage may run before lines are written about it, and
// how long between lines, where the output is no terminal.
const quietFor = 5 * time.Second

func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// update says that a stage has done so many of its units.
func (p *progress) update(stage, unit string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if stage != p.stage {
		p.finishLocked()
		p.stage, p.unit, p.begun, p.said = stage, unit, now, now
		if p.terminal {
			p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(stage),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit),
				progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
		}
	}
	p.done, p.total = done, total
	switch {
	case p.bar != nil:
		if p.bar.GetMax64() != total {
			p.bar.ChangeMax64(total)
		}
		_ = p.bar.Set64(done)
	case now.Sub(p.said) >= quietFor:
		p.said = now
		fmt.Fprintln(p.w, p.line(now))
	}
}

// detail says how the work is going, beside how far it is.
func (p *progress) detail(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.more = s
	if p.bar != nil {
		p.bar.Describe(p.stage + ", " + s)
	}
}

// say writes a line of its own, above the bar if there is one.
func (p *progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, line)
}

// line is "build: 1200 of 5000 examples, 310/s, 12s left".
func (p *progress) line(now time.Time) string {
	s := fmt.Sprintf("%s: %d of %d %s", p.stage, p.done, p.total, p.unit)
	elapsed := now.Sub(p.begun).Seconds()
	if p.done > 0 && elapsed > 0 {
		rate := float64(p.done) / elapsed
		s += fmt.Sprintf(", %.3g/s", rate)
		if p.done < p.total {
			left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second))
			s += fmt.Sprintf(", %s left", left.Round(time.Second))
		}
	}
	if p.more != "" {
		s += ", " + p.more
	}
	return s
}

// finish ends the stage that is shown.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finishLocked()
}

func (p *progress) finishLocked() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	if p.stage != "" && time.Since(p.begun) > quietFor {
		fmt.Fprintf(p.w, "%s: %d %s in %s\n", p.stage, p.done, p.unit, time.Since(p.begun).Round(100*time.Millisecond))
	}
	p.stage, p.more = "", ""
}
