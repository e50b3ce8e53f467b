package main

import (
	"fmt"
	"slices"
)

// spread writes a median and, of more than one value, the lowest and the highest.
func spread(values []float64) string {
	if len(values) == 1 {
		return figure(values[0])
	}
	return fmt.Sprintf("%s (%s – %s)", figure(median(values)), figure(slices.Min(values)), figure(slices.Max(values)))
}

// figure writes three digits or, of thousands, all.
func figure(v float64) string {
	switch {
	case v >= 100:
		return thousands(int(v + 0.5))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1 || v == 0:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// median is the one in the middle, or the mean of the two that are.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[half-1] + sorted[half]) / 2
	}
	return sorted[half]
}
