package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gomlx/compute"

	"atelier/engine"
)

// profiled starts profiling the operations of a backend, and returns a function that prints
// the profile.
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
				perSecond(cost.Flops, cost.Time), perSecond(float64(cost.Bytes), cost.Time), where,
			})
		}
		c.table([]string{"operation", "calls", "time", "share", "GFLOP/s", "GB/s", "where"}, rows)
	}, nil
}

// perSecond is a rate in billions, empty if nothing was counted.
func perSecond(count float64, took time.Duration) string {
	if count == 0 || took <= 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", count/1e9/took.Seconds())
}
