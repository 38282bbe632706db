// ES modules are an experiment of Jest's, for which Node has to be told too.
module.exports = { testMatch: ['<rootDir>/jest/*.test.mjs'], moduleFileExtensions: ['mjs', 'cjs', 'js', 'json', 'node'], transform: {} };
