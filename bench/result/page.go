package result

import (
	"errors"
	"fmt"
	"strings"
)

// Replace puts text between the markers of a target in a page.
func Replace(doc, target, text string) (string, error) {
	begin, end := fmt.Sprintf("<!-- bench:%s -->", target), fmt.Sprintf("<!-- end bench:%s -->", target)
	head, rest, ok := strings.Cut(doc, begin)
	if !ok {
		return "", fmt.Errorf("there is no line %q, want it and %q where the tables go", begin, end)
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return "", errors.New("there is no line \"" + end + "\" after \"" + begin + "\"")
	}
	return head + begin + "\n" + strings.TrimSpace(text) + "\n" + end + tail, nil
}
