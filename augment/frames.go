package augment

import "framewise/transforms"

// FrameSpan is the frames [Begin, Begin+Count) of an example.
type FrameSpan struct{ Begin, Count int }

// FrameSpans divides an example's frames among its parts. A part begins at the
// first frame whose centre lies in it or later, which is frame 0 for the first; a
// gap belongs to the part before it. Parts too short for a centre count none.
// The counts sum to the T that the framing gives the joined parts.
func FrameSpans(parts []RenderedPart, f transforms.Framing) []FrameSpan {
	if len(parts) == 0 {
		return nil
	}
	last := parts[len(parts)-1]
	end := f.NumFrames(int(last.Begin + last.Length))
	spans := make([]FrameSpan, len(parts))
	for i := len(parts) - 1; i >= 0; i-- {
		begin := min(f.FirstCenteredAt(int(parts[i].Begin)), end)
		spans[i] = FrameSpan{Begin: begin, Count: end - begin}
		end = begin
	}
	return spans
}
