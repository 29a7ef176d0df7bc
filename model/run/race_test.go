//go:build race

package run

func init() { raced = true }
