/* The number beside the slider while it moves; without it the number is told once the form is sent. */
(function () {
  "use strict";
  var slider = document.getElementById("places");
  var shown = document.getElementById("places-shown");
  if (!slider || !shown) return;
  slider.addEventListener("input", function () {
    shown.textContent = slider.value;
  });
})();
