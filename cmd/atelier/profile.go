package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gomlx/compute"

	"atelier/engine"
)

// profiled begins to measure the operations of a backend, and returns what prints
// them.
func (c *cli) profiled(b compute.Backend) (show func(), err error) {
	costs, err := engine.Profile(b)
	if err != nil {
		return nil, err
	}
	return func() {
		var rows [][]string
		var total time.Duration
		for _, cost := range costs() {
			total += cost.Time
		}
		for _, cost := range costs() {
			where := "engine"
			if cost.Fallback {
				where = "fallback"
			}
			rows = append(rows, []string{
				cost.Name, strconv.Itoa(cost.Calls), cost.Time.Round(time.Microsecond).String(),
				fmt.Sprintf("%.1f %%", 100*cost.Time.Seconds()/total.Seconds()),
				fmt.Sprintf("%.1f", float64(cost.Bytes)/1e9/max(cost.Time.Seconds(), 1e-9)), where,
			})
		}
		c.table([]string{"operation", "calls", "time", "share", "GB/s", "where"}, rows)
	}, nil
}
