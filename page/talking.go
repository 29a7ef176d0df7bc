package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"atelier/app"
	"atelier/jobs"
	"atelier/server"
)

// A talk is the page of a conversation.
type talk struct {
	Name   string
	Models []option
	Turns  []turn
	Others []option // conversations, called as they begin
	// Kept says that there is the conversation, and Deletes that who looks at it may delete it.
	Kept, Deletes bool
}

// A turn is a message and its answer.
type turn struct {
	Job     int64 // that answers; 0 for what is kept in the conversation
	Message string
	Answer  string
	State   jobs.State
	Problem string
	By      string // the model that answers, empty for none
}

// chat shows a conversation as it is kept, and the messages since that have no answer.
func (p *pages) chat(r *http.Request) (content, error) {
	t := talk{Name: r.URL.Query().Get("c")}
	fields, err := p.fieldsOf(r, "chat", nil)
	if err != nil {
		return content{}, err
	}
	for _, f := range fields {
		if f.Name == "model" {
			t.Models = f.Options
		}
	}
	// Jobs are asked for before what was kept of them: an answer is kept before its job is over, so that
	// none is missed that is given meanwhile.
	var asked server.JobPage
	if err := p.get(r, "/jobs?app=chat&limit=500", &asked); err != nil {
		return content{}, err
	}
	var all []server.ConversationEntry
	if err := p.get(r, "/conversations", &all); err != nil {
		return content{}, err
	}
	t.Others = called(all, t.Name)
	t.Kept = slices.ContainsFunc(t.Others, func(o option) bool { return o.Chosen })
	t.Deletes = server.CallerOf(r.Context()).Scope >= server.Admin
	var kept server.Conversation
	if t.Kept {
		if err := p.get(r, "/conversations/"+segment(t.Name), &kept); err != nil {
			return content{}, err
		}
	}
	for _, e := range kept.Exchanges {
		if !e.New {
			t.Turns = append(t.Turns, turn{Message: e.Message, Answer: e.Whole(), State: jobs.Done, By: e.By})
		}
	}
	if t.Name != "" {
		t.Turns = append(t.Turns, unanswered(asked.Jobs, &kept, t.Name)...)
	}
	if n := len(t.Turns); n > 0 {
		goOn(t.Models, t.Turns[n-1].By)
	}
	return content{template: "chat", here: "chat", title: "Chat", data: t}, nil
}

// called lists conversations, the latest first, by how they begin. Those that begin alike, as branches
// do, are numbered, in the order of their names: names that the page gives are times.
func called(all []server.ConversationEntry, open string) (list []option) {
	alike, labels := map[string]int{}, map[string]string{}
	for _, one := range slices.SortedFunc(slices.Values(all), func(a, b server.ConversationEntry) int { return strings.Compare(a.Name, b.Name) }) {
		label := cmp.Or(shortened(one.First, mostCalled), one.Name)
		labels[one.Name] = label
		if alike[label]++; alike[label] > 1 {
			labels[one.Name] = fmt.Sprintf("%s (%d)", label, alike[label])
		}
	}
	for _, one := range slices.Backward(all) {
		list = append(list, option{one.Name, labels[one.Name], one.Name == open})
	}
	return list
}

// goOn chooses the model that gave the last answer, if it is still there; a server's is called by its
// name there besides.
func goOn(models []option, by string) {
	before, _, _ := strings.Cut(by, ":")
	at := slices.IndexFunc(models, func(o option) bool { return o.Value == by || o.Value == app.RemoteModel && o.Value == before })
	for i := range models {
		models[i].Chosen = i == max(at, 0)
	}
}

// unanswered are the messages to a conversation without an answer, of jobs with the newest first:
// those that wait for one, and those that failed or were stopped since the conversation was changed.
func unanswered(all []jobs.Job, kept *server.Conversation, name string) (turns []turn) {
	for _, j := range slices.Backward(all) { // the oldest first
		var in struct{ Message, Conversation, Model string }
		if json.Unmarshal(j.Inputs, &in) != nil || in.Conversation != name || j.State == jobs.Done ||
			j.Ended != nil && j.Ended.Before(kept.Changed) || isKept(&j, in.Message, kept) {
			continue
		}
		one := turn{Job: j.ID, Message: in.Message, State: j.State, By: in.Model}
		if j.Problem != nil {
			one.Problem = j.Problem.Message
		}
		turns = append(turns, one)
	}
	return turns
}

// isKept reports that the answer of a job was kept already, though the job was not over yet: the last
// one is to its message, and was kept since the job began.
func isKept(j *jobs.Job, message string, kept *server.Conversation) bool {
	n := len(kept.Exchanges)
	return n > 0 && kept.Exchanges[n-1].Message == message && j.Started != nil && !kept.Changed.Before(*j.Started)
}

// answerPart is the answer that a job gave.
func (p *pages) answerPart(r *http.Request) (content, error) {
	j, err := p.jobOf(r, r.PathValue("job"))
	if err != nil {
		return content{}, err
	}
	text := ""
	if j.App == "chat" && len(j.Outputs) > 0 {
		b, err := p.raw(r, strings.TrimPrefix(resultOf(j, j.Outputs[0]).Address, "/api/v1"))
		if err != nil {
			return content{}, err
		}
		text = string(b)
	}
	return content{template: "part-answer", data: text}, nil
}

// mostCalled is how many characters of a message a conversation is called by.
const mostCalled = 40

// shortened is the beginning of a text, in one line.
func shortened(text string, most int) string {
	return clipped(strings.Join(strings.Fields(text), " "), most)
}

// clipped is a text without what comes after so many characters.
func clipped(text string, most int) string {
	all := []rune(text)
	if len(all) <= most {
		return text
	}
	return string(all[:most-1]) + "…"
}

// A concert is the page of music.
type concert struct {
	Runs   []option
	Pieces []result
}

// music lists what can be played, and the runs that can compose.
func (p *pages) music(r *http.Request) (content, error) {
	var c concert
	var runs server.RunPage
	if err := p.get(r, "/runs?can=composes", &runs); err != nil {
		return content{}, err
	}
	for _, one := range slices.Backward(runs.Runs) {
		c.Runs = append(c.Runs, option{Value: one.Name, Label: one.Name})
	}
	var page server.JobPage
	if err := p.get(r, "/jobs?state=done&limit=300", &page); err != nil {
		return content{}, err
	}
	for _, j := range page.Jobs {
		for _, o := range j.Outputs {
			if one := resultOf(j, o); one.Look == "music" || one.Look == "audio" {
				c.Pieces = append(c.Pieces, one)
			}
		}
	}
	return content{template: "music", here: "music", title: "Music", data: c}, nil
}
