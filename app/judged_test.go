package app

import (
	"errors"
	"strings"
	"testing"

	"atelier/internal/badinput"
	"atelier/model/metric"
)

// Votes give the score of a side; those of other files are in another space.
func TestJudged(t *testing.T) {
	line := `{"rater":"ann","item":"1","left":"a","right":"b","for":"left"}` + "\n"
	votes := File{Name: "votes.jsonl", Bytes: []byte(line +
		`{"rater":"ben","item":"1","left":"b","right":"a","for":"right"}` + "\n" +
		`{"rater":"ann","item":"1","left":"b","right":"a","for":"right","repeat":true}` + "\n")}
	s, err := Evaluate{Votes: votes}.judged("a")
	if err != nil || len(s) != 1 {
		t.Fatal(s, err)
	}
	low, high, ok := s[0].Interval()
	if s[0].Name != "rated" || s[0].N != 2 || s[0].Better != metric.Higher || !(s[0].Value > 0) || !ok || !(low < s[0].Value && s[0].Value < high) {
		t.Errorf("%+v", s[0])
	}
	if want := "by the votes of 2 raters, who gave the same answer to 1 of 1 pairs that were asked again and agree with each other on 1 of 1"; s[0].Note != want {
		t.Errorf("%q", s[0].Note)
	}
	other, err := Evaluate{Votes: File{Bytes: []byte(line)}, Side: "b"}.judged("a")
	if err != nil || other[0].Space == s[0].Space || !(other[0].Value < 0) {
		t.Errorf("%+v %v", other, err)
	}
	if _, err := (Evaluate{Votes: votes, Side: "c"}).judged("a"); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), "the votes are on a, b") {
		t.Error(err)
	}
	for _, text := range []string{"x\n", line + "x\n"} {
		if _, err := (Evaluate{Votes: File{Bytes: []byte(text)}, Side: "a"}).judged(""); !errors.Is(err, badinput.Err) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, a := range []Evaluate{{Of: "r", Metric: []string{"rated"}, Truncation: 1}, {Of: "r", Side: "a", Truncation: 1}} {
		if err := a.Check(Out{}); err == nil {
			t.Errorf("%+v is let through", a)
		}
	}
	if votes, err := (Evaluate{}).judged("a"); votes != nil || err != nil {
		t.Error(votes, err)
	}
}
