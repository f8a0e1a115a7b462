package runners

import (
	"log"
	"log/slog"
)

// redirectLogs sends slog's default logger, which Beam and its engines write
// to, into l (nil: nowhere) until the returned function is called.
func redirectLogs(l *slog.Logger) (restore func()) {
	if l == nil {
		l = slog.New(slog.DiscardHandler)
	}
	old, out, flags := slog.Default(), log.Writer(), log.Flags()
	slog.SetDefault(l)
	return func() {
		slog.SetDefault(old)
		// SetDefault has led the log package into slog; lead it out again.
		log.SetOutput(out)
		log.SetFlags(flags)
	}
}
