package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Holding are the results of jobs, as JOB/NAME in order, that are one of some works, or were made of
// one that the job's inputs name or bring along: by digests, in hexadecimal, and by the ids of uploads
// that had them.
func (q *Queue) Holding(ctx context.Context, digests, uploads []string) (results []string, err error) {
	rows, err := q.ledger.Read.QueryContext(ctx, "SELECT "+columns+" FROM jobs ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	results = []string{}
	for rows.Next() {
		j, err := scan(rows)
		if err != nil {
			return nil, err
		}
		var inputs any
		json.Unmarshal(j.Inputs, &inputs) // what is no JSON names nothing
		given := names(inputs, digests, uploads)
		for _, o := range j.Outputs {
			if given || slices.Contains(digests, o.SHA256) {
				results = append(results, fmt.Sprintf("%d/%s", j.ID, o.Name))
			}
		}
	}
	return results, rows.Err()
}

// names reports whether inputs hold a [Reference] to one of some works.
func names(inputs any, digests, uploads []string) bool {
	switch v := inputs.(type) {
	case []any:
		return slices.ContainsFunc(v, func(part any) bool { return names(part, digests, uploads) })
	case map[string]any:
		for _, part := range v {
			if names(part, digests, uploads) {
				return true
			}
		}
		var r Reference
		if text, err := json.Marshal(v); err != nil || json.Unmarshal(text, &r) != nil {
			return false
		}
		sum := sha256.Sum256(r.Bytes)
		return r.Upload != "" && slices.Contains(uploads, r.Upload) ||
			r.Item != "" && len(r.Item) > 64 && slices.Contains(digests, r.Item[len(r.Item)-64:]) ||
			r.Bytes != nil && slices.Contains(digests, hex.EncodeToString(sum[:]))
	}
	return false
}
