package jobs

import (
	"context"
	"encoding/json"
	"fmt"
)

// RemoveConversation removes the jobs of the messages of a conversation for good, with what they
// answered, and then the conversation itself, by a function. Messages that wait are dropped; while one is
// being answered, nothing is removed.
func (q *Queue) RemoveConversation(ctx context.Context, name string, remove func() error) error {
	said, err := q.saidIn(ctx, name)
	if err != nil {
		return err
	}
	for _, j := range said {
		if j.State == Running {
			return &answering{j.ID, name}
		}
	}
	for _, j := range said {
		if j.State == Queued {
			if _, err := q.Cancel(ctx, j.ID); err != nil {
				return err
			}
		}
	}
	for _, j := range said {
		if j.Trashed == nil {
			if _, err := q.Trash(ctx, j.ID); err != nil {
				return err
			}
		}
		if err := q.purge(ctx, j.ID); err != nil {
			return err
		}
	}
	if err := remove(); err != nil {
		return err
	}
	return q.ledger.Scrub()
}

// answering is the error of a conversation in which a message is not answered yet.
type answering struct {
	id   int64
	name string
}

func (e *answering) Error() string {
	return fmt.Sprintf("the job %d answers a message of %q; wait for it, or cancel it first", e.id, e.name)
}

func (e *answering) Unwrap() error { return ErrState }

// saidIn are the jobs of the messages of a conversation, those in the trash too.
func (q *Queue) saidIn(ctx context.Context, name string) (said []Job, err error) {
	for _, trashed := range []bool{false, true} {
		f := Filter{App: "chat", Trashed: trashed, Limit: 1000}
		for {
			some, err := q.List(ctx, f)
			if err != nil {
				return nil, err
			}
			for _, j := range some {
				if conversationOf(j) == name {
					said = append(said, j)
				}
			}
			if len(some) < f.Limit {
				break
			}
			f.Before = some[len(some)-1].ID
		}
	}
	return said, nil
}

// conversationOf is the conversation that a job of the app chat goes on with, empty for none.
func conversationOf(j Job) string {
	var in struct{ Conversation string }
	json.Unmarshal(j.Inputs, &in) // which were checked
	return in.Conversation
}
