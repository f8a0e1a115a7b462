// Package turns lets programs take turns at the same work, so that whatever
// else the machine does hits them alike.
//
// Each program is a server that holds its data in memory and speaks lines on
// its standard input and output. It begins with what it can do:
//
//	{"offers": {"psf-delta": "python_speech_features 0.6"}, "missing": {"knf": "no g++"}}
//
// and then answers requests, each a line of three words:
//
//	run ID N       do the work N times in a row
//	save ID PATH   do it once and write the result to PATH: float32, little-endian, row by row
//
// with the seconds that it measured itself, by a monotonic clock and of its own
// CPU, or with an error:
//
//	{"wall_s": 0.5, "cpu_s": 0.5}
//	{"error": "no such file"}
//
// What a work needs is made when it is first asked for, outside the clock.
package turns
