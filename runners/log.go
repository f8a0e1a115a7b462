package runners

import (
	"log"
	"log/slog"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
)

// redirectLogs sends slog's default logger, which Beam and its engines write
// to, into l (nil: nowhere) until the returned function is called. It starts Beam
// up if need be, since that sets the default logger too.
func redirectLogs(l *slog.Logger) (restore func()) {
	if l == nil {
		l = slog.New(slog.DiscardHandler)
	}
	old, out, flags := slog.Default(), log.Writer(), log.Flags()
	if !beam.Initialized() {
		beam.Init()
	}
	slog.SetDefault(l)
	return func() {
		slog.SetDefault(old)
		// SetDefault has led the log package into slog; lead it out again.
		log.SetOutput(out)
		log.SetFlags(flags)
	}
}
