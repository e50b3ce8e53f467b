document.querySelector("button").addEventListener("click", () => navigator.share?.({ url: document.referrer }));
