# ears.R -- the answers of R to seeded series, against which tests/unit/test_ears.c
# holds services/common/stats/ears.c. Debian: r-cran-surveillance.
#
#   Rscript tests/reference/ears.R > tests/unit/data/ears.csv
#
# A line is one series and what R says of its last count:
#   method,alpha,minSigma,bound,p,counts...
suppressMessages(library(surveillance))
options(digits = 17)
set.seed(20260101)

line <- function(method, alpha, sigma, bound, p, counts)
	cat(method, alpha, format(sigma), format(bound, digits = 17),
	    format(p, digits = 17), counts, sep = ",", fill = FALSE)

ears <- function(method, alpha, sigma, counts) {
	n <- length(counts)
	# of a range of one the package makes a column of its C3 baseline
	control <- list(range = c(n - 1, n), method = method, baseline = 7,
			minSigma = sigma, alpha = alpha)
	bound <- upperbound(earsC(sts(observed = matrix(counts)),
				  control = control))[2]
	line(method, alpha, sigma, bound, NA, counts)
	cat("\n")
}

# The same weekday over the last weeks, outliers weighted down.
spike <- function(alpha, sigma, usual, observed) {
	n <- length(usual)
	z <- suppressWarnings(abs(rstudent(lm(usual ~ 1))))
	z[is.na(z)] <- Inf # all others are equal
	z[usual == mean(usual)] <- 0
	limit <- qt(1 - 0.05, df = n - 2)
	w <- ifelse(z > limit, (limit / z)^4, 1)
	w <- w * n / sum(w)
	mu <- weighted.mean(usual, w)
	sd <- max(sqrt(sum(w * (usual - mu)^2) / (n - 1)), sigma) *
		sqrt(1 + 1 / n)
	line("spike", alpha, sigma, mu + qt(1 - alpha, n - 1) * sd,
	     pt((observed - mu) / sd, n - 1, lower.tail = FALSE),
	     c(usual, observed))
	cat("\n")
}

for (mean in c(0.4, 3, 40, 900))
	for (i in 1:6) {
		counts <- rnbinom(16, size = 4, mu = mean)
		for (method in c("C1", "C2"))
			for (sigma in c(0, 0.5))
				if (sigma > 0 || length(unique(counts)) > 8)
					ears(method, 0.001, sigma, counts)
		ears("C3", 0.025, 0.5, counts)
		for (n in 4:7) {
			usual <- rnbinom(n, size = 8, mu = mean)
			if (i %% 2 == 0) usual[2] <- usual[2] * 9 + 5
			spike(0.025, 0.5, usual, rpois(1, 2 * mean))
		}
	}
