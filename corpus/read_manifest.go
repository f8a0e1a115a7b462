package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// ReadManifest streams a manifest (corpus.jsonl), a line at a time, and gives
// every line that is not blank to fn, in order and one at a time. A line that
// ParseUtterance refuses, or that is longer than MaxLine, reaches fn as a
// *Problem with the line's number, and u is nil if nothing of it could be read;
// it does not end the reading. What fn returns does. The name is what errors of
// r call the manifest.
//
// Lines are parsed ahead of fn, on every CPU, some hundred kilobytes for each.
func ReadManifest(r io.Reader, name string, fn func(line int, ref LineRef, u *Utterance, err error) error) error {
	queue, stop := make(chan *stretch, runtime.GOMAXPROCS(0)), make(chan struct{})
	go readStretches(r, name, queue, stop)
	defer func() {
		close(stop)
		for range queue { // until r is at rest
		}
	}()
	for s := range queue {
		<-s.parsed
		for _, l := range s.lines {
			if err := fn(l.number, l.ref, l.u, l.err); err != nil {
				return err
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

// stretchBytes is how much of a manifest is parsed at a time, or one line if
// that is longer.
const stretchBytes = 128 << 10

// stretch is some lines that follow each other.
type stretch struct {
	text   []byte
	lines  []manifestLine
	err    error         // what ended the reading after these lines
	parsed chan struct{} // closed once the lines are parsed
}

type manifestLine struct {
	number int
	ref    LineRef
	at     int // in the stretch's text
	u      *Utterance
	err    error
}

// readStretches reads to the end and parses every stretch in a goroutine of its
// own, no more of them at a time than the queue has room for.
func readStretches(r io.Reader, name string, queue chan<- *stretch, stop <-chan struct{}) {
	defer close(queue)
	br := bufio.NewReaderSize(r, 64<<10)
	for offset, line := int64(0), 1; ; {
		s := &stretch{parsed: make(chan struct{})}
		more := s.read(br, name, &offset, &line)
		select {
		case queue <- s:
		case <-stop:
			return
		}
		go s.parse()
		if !more {
			return
		}
	}
}

// read reads the lines of the stretch and says whether more may follow.
func (s *stretch) read(br *bufio.Reader, name string, offset *int64, line *int) bool {
	for len(s.text) < stretchBytes {
		at := len(s.text)
		n, err := readLine(br, &s.text)
		if err != nil && err != io.EOF {
			s.text = s.text[:at]
			s.err = fmt.Errorf("read manifest %q: line %d: %w", name, *line, err)
			return false
		}
		if n == 0 {
			return false
		}
		l := manifestLine{number: *line, at: at, ref: LineRef{Offset: *offset, Length: int32(len(s.text) - at)}}
		*offset, *line = *offset+n, *line+1
		switch {
		case n > MaxLine:
			l.err = lineProblem(l.number, BadManifest, fmt.Sprintf("the line has %d bytes, want at most %d", n, MaxLine))
		case len(bytes.TrimSpace(s.text[at:])) == 0:
			continue
		}
		s.lines = append(s.lines, l)
	}
	return true
}

func (s *stretch) parse() {
	defer close(s.parsed)
	for i := range s.lines {
		l := &s.lines[i]
		if l.err != nil {
			continue
		}
		l.u, l.err = ParseUtterance(s.text[l.at : l.at+int(l.ref.Length)])
		var p *Problem
		if errors.As(l.err, &p) {
			l.err = lineProblem(l.number, p.Reason, p.Detail)
		}
	}
	s.text = nil
}

// readLine appends the bytes up to the next line end to buf, without the line
// end, and returns the number of bytes read. Of a line above MaxLine no more
// than that is kept.
func readLine(br *bufio.Reader, buf *[]byte) (n int64, err error) {
	at := len(*buf)
	for {
		chunk, err := br.ReadSlice('\n')
		n += int64(len(chunk))
		if n <= MaxLine {
			*buf = append(*buf, chunk...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		line := bytes.TrimSuffix(bytes.TrimSuffix((*buf)[at:], []byte("\n")), []byte("\r"))
		*buf = (*buf)[:at+len(line)]
		return n, err
	}
}
