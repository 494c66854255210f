% Windows, windowed sincs, equiripple and least-squares filters and linear predictors by GNU Octave, for the suites of lib/design.
%
%     octave-cli tests/oracle/make_design_octave.m > tests/oracle/design-octave.txt       Octave 7.3, signal 1.4.3 were used
%
% The cases have the names and parameters of make_design.py, so the same suites read both files. Octave's remez works on a grid
% and gives up on fine ones: the finest of a list that it masters is used, and is the last parameter of its cases.
pkg load signal
disp("# made by make_design_octave.m: one line of name and parameters, one line of values");
function write(name, parameters, values)
  printf("%s%s\n%s\n", name, sprintf(" %.17g", parameters), strtrim(sprintf("%.17g ", values)));
end
function [edges, gains] = interpolator_bands(s, edge, images)
  edges = [0, edge / (2 * s)]; gains = s;
  if images
    for m = 1:floor(s / 2)
      edges = [edges, (2 * m - edge) / (2 * s), min((2 * m + edge) / (2 * s), 0.5)];
      gains = [gains, 0];
    end
  else
    edges = [edges, (2 - edge) / (2 * s), 0.5]; gains = [gains, 0];
  end
end

% windows of 5 and 12 points: rectangular, hann, hamming, blackman, kaiser
for count = [5, 12]
  write("window", [0, 0, count], rectwin(count));
  write("window", [1, 0, count], hann(count));
  write("window", [2, 0, count], hamming(count));
  write("window", [3, 0, count], blackman(count));
  write("window", [4, 8.6, count], kaiser(count, 8.6));
end

% Octave's sinc times its windows, scaled to gain s. (Its fir1 samples the response on a grid and is off by 1e-3.)
windows = {@rectwin, @hann, @hamming, @blackman, @(k) kaiser(k, 7.857)};
for c = [2, 1.0, 24; 2, 1.0, 49; 3, 0.9, 31; 4, 1.0, 48; 5, 1.2, 17]'
  for number = 0:4
    n = (0:c(3)-1)' - (c(3) - 1) / 2;
    h = sinc(c(2) / c(1) * n) .* windows{number + 1}(c(3));
    h *= c(1) / sum(h);
    write("firwin", [number, 7.857 * (number == 4), c(1), c(2), c(3)], h);
  end
end

% kaiserord answers the order; its width is a share of half the sampling rate
for c = [60, 0.1; 80, 0.02; 37.5, 0.5]'
  [order, ~, beta, ~] = kaiserord([0.25 - c(2) / 4, 0.25 + c(2) / 4], [1, 0], 10 ^ (-c(1) / 20) * [1, 1], 1);
  write("kaiserord", [c(1), c(2)], [order + 1, beta]);
end

for c = [2, 0.8, 1, 0, 12; 2, 0.8, 1, 0, 13; 2, 0.8, 10, 0, 25; 3, 0.7, 1, 0, 33; 4, 0.8, 1, 1, 49; 2, 0.9, 1, 0, 63]'
  [edges, gains] = interpolator_bands(c(1), c(2), c(4));
  weights = [1, c(3) * ones(1, numel(gains) - 1)];
  for density = [16000, 4000, 1000, 256, 64, 16]
    try
      h = remez(c(5) - 1, 2 * edges, reshape([gains; gains], 1, []), weights, "bandpass", density);
      write("remez", [c', density], h);
      break
    catch
    end
  end
  if mod(c(5), 2) == 1
    write("firls", c', firls(c(5) - 1, 2 * edges, reshape([gains; gains], 1, []), weights));
  end
end

% The best predictor of each phase by Octave's own Toeplitz matrices. Parameters: s, k, rho; r(t) = rho^|t|, centre (k-1)/2.
for c = [2, 8, 0.9; 3, 17, 0.95; 4, 9, 0.5; 5, 23, 0.99]'
  s = c(1); k = c(2); rho = c(3); h = zeros(k, 1);
  for q = 0:min(s, k)-1
    m = (0:floor((k - 1 - q) / s))';
    h(s * m + q + 1) = toeplitz(rho .^ (s * m)) \ (rho .^ abs(s * m + q - (k - 1) / 2));
  end
  write("wiener", c', h);
end
