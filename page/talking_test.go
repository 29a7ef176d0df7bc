package page

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/app"
	"atelier/internal/conversation"
	"atelier/jobs"
	"atelier/server"
)

// A message stands once in a conversation: with the answer that was kept of it, though its job is
// not over yet, and without one while there is none.
func TestUnanswered(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	later := func(seconds int) *time.Time { then := at.Add(time.Duration(seconds) * time.Second); return &then }
	asked := func(id int64, message string, state jobs.State, started, ended *time.Time) jobs.Job {
		inputs, err := json.Marshal(map[string]string{"message": message, "conversation": "c"})
		if err != nil {
			t.Fatal(err)
		}
		return jobs.Job{ID: id, App: "chat", State: state, Inputs: inputs, Started: started, Ended: ended}
	}
	kept := &server.Conversation{Name: "c", Exchanges: []conversation.Exchange{{Message: "one", Answer: "1"}}, Changed: at}
	for name, c := range map[string]struct {
		job  jobs.Job
		want int
	}{
		"over":                       {asked(1, "one", jobs.Done, later(-1), later(1)), 0},
		"kept, and not over yet":     {asked(1, "one", jobs.Running, later(-1), nil), 0},
		"asked again":                {asked(2, "one", jobs.Running, later(1), nil), 1},
		"another, asked meanwhile":   {asked(2, "two", jobs.Running, later(-1), nil), 1},
		"waits":                      {asked(2, "one", jobs.Queued, nil, nil), 1},
		"failed before the last one": {asked(1, "zero", jobs.Failed, later(-3), later(-2)), 0},
		"failed since":               {asked(2, "two", jobs.Failed, later(1), later(2)), 1},
	} {
		if got := unanswered([]jobs.Job{c.job}, kept, "c"); len(got) != c.want {
			t.Errorf("%s: %v, want %d", name, got, c.want)
		}
		if got := unanswered([]jobs.Job{c.job}, kept, "other"); len(got) != 0 {
			t.Errorf("%s: %v in another conversation", name, got)
		}
	}
}

// Conversations that begin alike are told apart, whichever was changed last, and the open one is marked.
func TestCalled(t *testing.T) {
	all := []server.ConversationEntry{{Name: "b", First: "How?"}, {Name: "c"}, {Name: "a", First: "How?"}}
	want := []option{{"a", "How?", false}, {"c", "c", false}, {"b", "How? (2)", true}}
	if got := called(all, "b"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A conversation goes on with the model of its last answer, while there is it.
func TestGoOn(t *testing.T) {
	for by, want := range map[string]string{"": "", "tales": "tales", "remote:big": "remote", "remote": "remote", "gone": "", "tales:big": ""} {
		models := []option{{"", "none", true}, {"remote", "remote", false}, {"tales", "tales", false}}
		goOn(models, by)
		for _, o := range models {
			if o.Chosen != (o.Value == want) {
				t.Errorf("%q: %v", by, models)
			}
		}
	}
}

// The page of a conversation has the model of its last answer chosen.
func TestChatGoesOn(t *testing.T) {
	s := startOn(t, t.TempDir(), "127.0.0.1:0")
	s.srv.Workshop().Widen = func(env *app.Env) { env.Remote.Address = "http://127.0.0.1:1/v1" }
	for name, chosen := range map[string]string{"model": `value="remote" selected`, "none": `value="" selected`} {
		in, err := conversation.In(s.home)
		if err != nil {
			t.Fatal(err)
		}
		talk, err := in.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]string{"model": "remote:big"}[name]
		if err := talk.Add(conversation.Exchange{Message: "Once", Answer: "upon", By: by}); err != nil {
			t.Fatal(err)
		}
		if _, text, _ := s.get("/chat?c="+name, "en", ""); !strings.Contains(text, chosen) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
