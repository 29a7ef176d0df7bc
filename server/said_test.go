package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"atelier/jobs"
)

// What people read is said in the language of who asks: refusals, what went wrong with a job, and its
// notices as they come. Others get it as it is.
func TestSaid(t *testing.T) {
	s := start(t)
	s.Say(func(r *http.Request, text string) string {
		if r.Header.Get("Accept-Language") == "zh" {
			return "«" + text + "»"
		}
		return text
	})
	for _, head := range []map[string]string{{"Accept-Language": "zh"}, nil} {
		if p := s.problem(404, sent{method: "GET", path: "/runs/none", head: head}); strings.HasPrefix(p.Detail, "«") != (head != nil) {
			t.Errorf("%v: %q", head, p.Detail)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "zh")
	j := jobs.Job{Problem: &jobs.Problem{Message: "no"}, Progress: &jobs.Progress{Work: "reading"}}
	if told := s.told(r, j); told.Problem.Message != "«no»" || told.Progress.Work != "«reading»" || j.Problem.Message != "no" || j.Progress.Work != "reading" {
		t.Errorf("%+v %+v", told.Problem, j.Problem)
	}
	for _, c := range []struct{ kind, data, want string }{
		{jobs.NoticeEvent, `"a line"`, `"«a line»"`}, {jobs.LogEvent, `"a line"`, `"«a line»"`}, {jobs.TextEvent, `"a text"`, `"a text"`},
		{jobs.ProgressEvent, `{"work":"reading","done":1,"total":2}`, `{"work":"«reading»","done":1,"total":2}`},
	} {
		if e := s.toldEvent(r, jobs.Event{Type: c.kind, Data: json.RawMessage(c.data)}); string(e.Data) != c.want {
			t.Errorf("%s: %s", c.kind, e.Data)
		}
	}
}
