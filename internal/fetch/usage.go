package fetch

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/temoto/robotstxt"
)

// The fields, of a robots.txt and of response headers, that state what content may be used for: the
// Content Signals Policy (Cloudflare 2025), such as "search=yes, ai-train=no", and the IETF's AI
// Preferences (draft-ietf-aipref-attach, 2025), such as "train-ai=n", in a robots.txt after an
// optional path.
const (
	contentSignal = "content-signal"
	contentUsage  = "content-usage"
)

// trains are the uses that include training a generative model, the narrowest first.
var trains = []string{"train-genai", "train-ai", "ai-train"}

// training reports whether preferences allow training, if they mention it.
func training(preferences string) (allowed, said bool) {
	told := map[string]string{}
	for pair := range strings.SplitSeq(strings.ToLower(preferences), ",") {
		use, value, _ := strings.Cut(pair, "=")
		value, _, _ = strings.Cut(value, ";") // parameters of a structured field
		told[strings.TrimSpace(use)] = strings.TrimSpace(value)
	}
	for _, use := range trains {
		switch told[use] {
		case "n", "no", "?0":
			return false, true
		case "y", "yes", "?1":
			return true, true
		}
	}
	return false, false
}

// parseUsage converts what a robots.txt says about training to robots rules, nil if it says
// nothing. Lines before the first group apply to all.
func parseUsage(text []byte) *robotstxt.Group {
	byAgent := map[string]string{} // rules
	agents := []string{""}
	naming := false // whether the previous line named an agent
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxRules)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		field, value, _ := strings.Cut(line, ":")
		field, value = strings.ToLower(strings.TrimSpace(field)), strings.TrimSpace(value)
		if field == "user-agent" {
			if !naming {
				agents = nil
			}
			agents = append(agents, strings.ToLower(value))
		}
		if field != "" {
			naming = field == "user-agent"
		}
		for _, a := range agents {
			byAgent[a] += usageRule(field, value)
		}
	}
	ours, found := byAgent[Agent]
	if !found {
		ours = byAgent["*"]
	}
	if ours += byAgent[""]; ours == "" {
		return nil
	}
	parsed, err := robotstxt.FromString("User-agent: *\n" + ours)
	if err != nil {
		return nil
	}
	return parsed.FindGroup("*")
}

// usageRule converts a field of a robots.txt to a robots rule, empty if it is not about training.
func usageRule(field, value string) string {
	path := "/"
	switch {
	case field == contentUsage && strings.HasPrefix(value, "/"):
		path, value, _ = strings.Cut(value, " ")
	case field != contentUsage && field != contentSignal:
		return ""
	}
	allowed, said := training(value)
	switch {
	case !said:
		return ""
	case allowed:
		return fmt.Sprintf("Allow: %s\n", path)
	}
	return fmt.Sprintf("Disallow: %s\n", path)
}
